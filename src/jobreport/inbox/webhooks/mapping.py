"""Reads any other document by a mapping of `jobreport.toml`: an expression for each field of a job.

For the state a table says what each word means. A word that the table does not have is no success, but an Exception
that names it. What else cannot be read loses no job: it is told in the comments.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, Final, NamedTuple

import msgspec

from jobreport.configuration.file import Keys
from jobreport.contract.job_document import code
from jobreport.inbox.report import Reading, ReportedJob, UnreadableError
from jobreport.inbox.webhooks import values
from jobreport.inbox.webhooks.base import Delivery
from jobreport.inbox.webhooks.body import Kind, document_of
from jobreport.inbox.webhooks.expressions import Context, Expression, ExpressionError
from jobreport.model import ticks, zones
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.model.spelling import meant
from jobreport.runner.tools.base import Counts
from jobreport.runner.tools.reading import bounded, one_object

ANY: Final = "*"
"""The word in the table of states that stands for all that are not there."""
_TEXTS: Final = ("key", "plan", "resource", "description", "comments")
_COUNTS: Final = ("failed", "successful", "skipped", "total")
_TIMES: Final = ("start", "finish")
_CODES: Final[Mapping[str, type[ServiceType] | type[JobType]]] = {"service": ServiceType, "type": JobType}
FIELDS: Final = ("state", *_TEXTS, *_TIMES, "duration", *_CODES, *_COUNTS, "size")
"""The fields of a job that a mapping may find."""
_SHOWN: Final = 60
MOST_PARTS: Final = 10_000
"""The parts of a document, found by `each`, that are looked at."""


class MappingSettings(msgspec.Struct, frozen=True, kw_only=True):
    """A table `[[mapping]]`. All of `fields`, `each` and `when` are expressions; `defaults` are plain texts."""

    fields: dict[str, str]
    states: dict[str, JobState] = {}
    services: dict[str, ServiceType] = {}
    types: dict[str, JobType] = {}
    defaults: dict[str, str] = {}
    body: Kind | None = None
    each: str = ""
    when: str = ""
    zone: str = zones.DEFAULT
    times: tuple[Annotated[str, msgspec.Meta(min_length=2, max_length=100)], ...] = ()


class _Found(NamedTuple):
    """What is found of one job: `doubts` names in words what could not be read."""

    values: dict[str, Any]
    doubts: list[str]


class DocumentMapping:
    """Reads deliveries by one mapping. Raises ConfigurationError, from `keys`, if the mapping cannot be."""

    def __init__(self, keys: Keys) -> None:
        self._settings = settings = keys.read(MappingSettings)
        for table in ("fields", "defaults"):
            for name in getattr(settings, table):
                if name not in FIELDS:
                    words = meant(name, FIELDS, f"there are {', '.join(FIELDS)}")
                    raise keys.error(f"is no field of a job: {words}", table, name)
        if "state" not in settings.fields:
            raise keys.error('must say where the state is: state = "…"', "fields")
        if "state" in settings.defaults:
            raise keys.error("has no default: what tells no state is not read", "defaults", "state")
        if settings.states.get(ANY) is JobState.Successful:
            raise keys.error("must not be Successful: what is not known is no success", "states", ANY)
        try:
            self._zone = zones.named(settings.zone) or zones.DEFAULT
        except ValueError as error:
            raise keys.error(str(error), "zone") from None
        self._fields = {name: _expression(keys, text, "fields", name) for name, text in settings.fields.items()}
        self._each = _expression(keys, settings.each, "each") if settings.each else None
        self._when = _expression(keys, settings.when, "when") if settings.when else None
        self._codes = {"service": _folded(settings.services), "type": _folded(settings.types)}
        self._states = _folded(settings.states)
        self._readers: dict[str, Callable[[Any], Any]] = {
            **dict.fromkeys(_TEXTS, values.text_of),
            **dict.fromkeys(_TIMES, lambda value: values.time_of(value, self._zone, settings.times)),
            "duration": values.length_of,
            **dict.fromkeys(_COUNTS, values.count_of),
            "size": values.size_in_bytes,
            **{name: self._code_reader(name) for name in _CODES},
        }
        for name, text in settings.defaults.items():
            try:
                self._readers[name](text)
            except ValueError as error:
                raise keys.error(str(error), "defaults", name) from None

    def read(self, delivery: Delivery) -> Reading:
        """Returns the jobs that a delivery tells. Raises UnreadableError."""
        document = document_of(delivery, self._settings.body)
        context = Context(document, dict(delivery.headers), dict(delivery.query))
        parts = self._parts(document, context)
        jobs = [self._job(part, context, alone=self._each is None) for part in parts if self._is_meant(part, context)]
        if jobs:
            return Reading(jobs=tuple(jobs))
        if not parts:
            return Reading(ignored=f"{self._settings.each} finds nothing in it")
        return Reading(ignored=f"it is not what the mapping is for: {self._settings.when}")

    def _parts(self, document: Any, context: Context) -> Sequence[Any]:
        if self._each is None:
            return (document,)
        found = _sure(self._each, document, context, "each")
        parts = [] if found is None else found if isinstance(found, list) else [found]
        if len(parts) > MOST_PARTS:
            raise UnreadableError(f"each: it finds {len(parts):,} parts, and {MOST_PARTS:,} are looked at")
        return parts

    def _is_meant(self, part: Any, context: Context) -> bool:
        # As JMESPath itself has it: nothing, an empty text, list or object and false are not; zero is.
        found = True if self._when is None else _sure(self._when, part, context, "when")
        return bool(found) or (isinstance(found, int | float) and not isinstance(found, bool))

    def _job(self, part: Any, context: Context, *, alone: bool) -> ReportedJob:
        state, doubts = self._state(_sure(self._fields["state"], part, context, "state"))
        found = self._found(part, context, doubts)
        start, finish = _times(found, state)
        counts = _counts(found, state)
        if (
            state is JobState.Successful
            and "failed" not in found.values
            and any(doubt.startswith("failed") for doubt in found.doubts)
        ):
            state = JobState.Exception
        return ReportedJob(
            state=state,
            key=found.values.get("key", ""),
            start=start,
            finish=finish,
            service=found.values.get("service"),
            type=found.values.get("type"),
            plan=found.values.get("plan", ""),
            resource=found.values.get("resource", ""),
            description=found.values.get("description", ""),
            comments="\n".join(filter(None, (*found.doubts, found.values.get("comments", "")))),
            counts=counts,
            raw="" if alone else msgspec.json.encode(part).decode(),
        )

    def _state(self, value: Any) -> tuple[JobState, list[str]]:
        word = values.text_of(value).strip()
        if not word:
            raise UnreadableError(f"state: {self._fields['state'].text} finds nothing")
        known = self._states.get(word.casefold())
        if known is None and ANY in self._states:
            known = self._states[ANY]
        if known is None and not self._states:
            known = next((one for one in JobState if one.name.casefold() == word.casefold()), None)
        if known is not None:
            return known, []
        return JobState.Exception, [f"unknown state {word[:_SHOWN]!r}"]

    def _found(self, part: Any, context: Context, doubts: list[str]) -> _Found:
        found = _Found({}, doubts)
        for name in FIELDS[1:]:
            value: Any = None
            if name in self._fields:
                try:
                    value = self._fields[name].find(part, context)
                except ExpressionError as error:
                    if name not in self._settings.defaults:
                        doubts.append(f"{name} could not be read: {error}")
            if value is None or value == "":
                value = self._settings.defaults.get(name)
            if value is None:
                continue
            try:
                found.values[name] = self._readers[name](value)
            except (ValueError, OverflowError) as error:
                doubts.append(f"{name} could not be read: {values.text_of(value)[:_SHOWN]!r} {error}")
        return found

    def _code_reader(self, name: str) -> Callable[[Any], Any]:
        known, codes = self._codes[name], _CODES[name]

        def read(value: Any) -> Any:
            word = values.text_of(value).strip()
            if (found := known.get(word.casefold()) or known.get(ANY)) is not None:
                return found
            return code(codes, int(word) if word.isdecimal() else word)

        return read


def _expression(keys: Keys, text: str, *path: str) -> Expression:
    try:
        return Expression(text)
    except ExpressionError as error:
        raise keys.error(str(error), *path) from None


def _folded(table: Mapping[str, Any]) -> dict[str, Any]:
    return {word.strip().casefold(): meaning for word, meaning in table.items()}


def _sure(expression: Expression, part: Any, context: Context, name: str) -> Any:
    """Returns what an expression finds without which nothing can be read. Raises UnreadableError."""
    try:
        return expression.find(part, context)
    except ExpressionError as error:
        raise UnreadableError(f"{name}: {error}") from None


def _counts(found: _Found, state: JobState) -> Counts | None:
    """Returns the counts that are told; with the one of the job itself, where only bytes are."""
    given: dict[str, int] = {name: found.values[name] for name in _COUNTS if found.values.get(name) is not None}
    size = found.values.get("size")
    if not given:
        alone = one_object(state) if state.finished else Counts()
        return None if size is None else bounded(**msgspec.structs.asdict(alone) | {"size": size})
    if "successful" not in given and (state is JobState.Successful or "failed" in given):
        given["successful"] = given.get("total", 0) - given.get("failed", 0) - given.get("skipped", 0)
    return bounded(**given, size=size or 0)


def _times(found: _Found, state: JobState) -> tuple[int, int]:
    """Returns start and finish; the one that is not told is computed from the length, if that is."""
    start, finish, length = (found.values.get(name) or 0 for name in (*_TIMES, "duration"))
    if length and start and not finish and state.finished:
        finish = start + length
    if length and finish and not start:
        start = max(ticks.UNIX_EPOCH, finish - length)
    return start, finish
