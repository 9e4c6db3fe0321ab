"""Reads any other document by a mapping of `jobreport.toml`: an expression for each field of a job."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from jobreport.configuration.file import Keys
from jobreport.inbox.fields import FieldReader, FieldSettings, check_name
from jobreport.inbox.report import Reading, ReportedJob, UnreadableError
from jobreport.inbox.webhooks.base import Delivery
from jobreport.inbox.webhooks.body import Kind, document_of
from jobreport.inbox.webhooks.expressions import Context, Expression, ExpressionError

MOST_PARTS: Final = 10_000
"""The parts of a document, found by `each`, that are looked at."""


class MappingSettings(FieldSettings, frozen=True, kw_only=True):
    """A table `[[mapping]]`. All of `fields`, `each` and `when` are expressions."""

    fields: dict[str, str]
    body: Kind | None = None
    each: str = ""
    when: str = ""


class DocumentMapping:
    """Reads deliveries by one mapping. Raises ConfigurationError, from `keys`, if the mapping cannot be."""

    def __init__(self, keys: Keys) -> None:
        self._settings = settings = keys.read(MappingSettings)
        for name in settings.fields:
            check_name(keys, name, "fields", name)
        if "state" not in settings.fields:
            raise keys.error('must say where the state is: state = "…"', "fields")
        self._reader = FieldReader(keys, settings)
        self._fields = {name: _expression(keys, text, "fields", name) for name, text in settings.fields.items()}
        self._each = _expression(keys, settings.each, "each") if settings.each else None
        self._when = _expression(keys, settings.when, "when") if settings.when else None

    def read(self, delivery: Delivery) -> Reading:
        """Returns the jobs that a delivery tells. Raises UnreadableError."""
        document = document_of(delivery, self._settings.body)
        context = Context(document, dict(delivery.headers), dict(delivery.query))
        parts = self._parts(document, context)
        jobs = [self._job(part, context) for part in parts if self._is_meant(part, context)]
        _check_names(jobs)
        if jobs:
            return Reading(jobs=tuple(jobs))
        if not parts:
            return Reading(ignored=f"{self._settings.each} finds nothing in it")
        return Reading(ignored=f"it is not what the mapping is for: {self._settings.when}")

    def _parts(self, document: Any, context: Context) -> Sequence[Any]:
        if self._each is None:
            return (document,)
        found = _sure(self._each, document, context, "each")
        if found is None:  # an empty list is no job; a list that is not there may have another name now
            raise UnreadableError(f"each: {self._each.text} finds nothing")
        parts = found if isinstance(found, list) else [found]
        if len(parts) > MOST_PARTS:
            raise UnreadableError(f"each: it finds {len(parts):,} parts, and {MOST_PARTS:,} are looked at")
        return parts

    def _is_meant(self, part: Any, context: Context) -> bool:
        # As JMESPath itself has it: nothing, an empty text, list or object and false are not; zero is.
        found = True if self._when is None else _sure(self._when, part, context, "when")
        return bool(found) or (isinstance(found, int | float) and not isinstance(found, bool))

    def _job(self, part: Any, context: Context) -> ReportedJob:
        def find(name: str) -> Any:
            expression = self._fields.get(name)
            return None if expression is None else expression.find(part, context)

        return self._reader.job(
            _sure(self._fields["state"], part, context, "state"),
            find,
            nothing=f"state: {self._fields['state'].text} finds nothing",
            raw="" if self._each is None else msgspec.json.encode(part).decode(),
        )


def _check_names(jobs: Sequence[ReportedJob]) -> None:
    """Raises UnreadableError if two runs that ended have one name: the second would replace the first."""
    ended: dict[str, ReportedJob] = {}
    for job in jobs:
        if job.key and job.state.finished and ended.setdefault(job.key, job) != job:
            raise UnreadableError(f"key: {job.key[:100]!r} is that of several runs that ended; each must have its own")


def _expression(keys: Keys, text: str, *path: str) -> Expression:
    try:
        return Expression(text)
    except ExpressionError as error:
        raise keys.error(str(error), *path) from None


def _sure(expression: Expression, part: Any, context: Context, name: str) -> Any:
    """Returns what an expression finds without which nothing can be read. Raises UnreadableError."""
    try:
        return expression.find(part, context)
    except ExpressionError as error:
        raise UnreadableError(f"{name}: {error}") from None
