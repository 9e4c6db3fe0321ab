"""Makes a job of the values that the expressions in `jobreport.toml` find for its fields.

For the state, a table says what each word means. A word that is not in the table makes the job an Exception that quotes
the word, never a success. A job is kept even if other values cannot be read; its comments then say so.
"""

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Final, NamedTuple

import msgspec

from jobreport.configuration.file import Keys
from jobreport.contract.job_document import code
from jobreport.inbox import values
from jobreport.inbox.report import ReportedJob, UnreadableError, known
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
"""The fields of a job that may be found."""
_SHOWN: Final = 60


class FieldSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What a table says of the values that it finds. `defaults` are plain texts for fields of which nothing is found;
    `zone` is that of times that name none, `times` are the forms in which they are written.
    """

    states: dict[str, JobState] = {}
    services: dict[str, ServiceType] = {}
    types: dict[str, JobType] = {}
    defaults: dict[str, str] = {}
    zone: str = zones.DEFAULT
    times: tuple[Annotated[str, msgspec.Meta(min_length=2, max_length=100)], ...] = ()


class _Found(NamedTuple):
    """What is found of one job. `unread` are the fields whose values could not be read; `doubts` says so in words."""

    values: dict[str, Any]
    doubts: list[str]
    unread: set[str]


class FieldReader:
    """Reads values as one table says. Raises ConfigurationError, from `keys`, if the table cannot be."""

    def __init__(self, keys: Keys, settings: FieldSettings) -> None:
        self._defaults = settings.defaults
        for name in settings.defaults:
            check_name(keys, name, "defaults", name)
        if "state" in settings.defaults:
            raise keys.error("has no default: what tells no state is not read", "defaults", "state")
        if settings.states.get(ANY) is JobState.Successful:
            raise keys.error("must not be Successful: what is not known is no success", "states", ANY)
        try:
            zone = zones.named(settings.zone) or zones.DEFAULT
        except ValueError as error:
            raise keys.error(str(error), "zone") from None
        self._codes = {"service": _folded(keys, "services", settings), "type": _folded(keys, "types", settings)}
        self._states = _folded(keys, "states", settings)
        self._readers: dict[str, Callable[[Any], Any]] = {
            **dict.fromkeys(_TEXTS, values.text_of),
            **dict.fromkeys(_TIMES, lambda value: values.time_of(value, zone, settings.times)),
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

    def state_of(self, value: Any) -> tuple[JobState | None, str]:
        """Returns what the word for a state means; None if nobody said so. And the word, empty if there is none."""
        word = values.text_of(value).strip()
        known = self._states.get(word.casefold())
        if known is None and ANY in self._states:
            known = self._states[ANY]
        if known is None and not self._states:
            known = next((one for one in JobState if one.name.casefold() == word.casefold()), None)
        return (known if word else None), word

    def job(
        self, state: Any, find: Callable[[str], Any], *, nothing: str, doubt: str = "", raw: str = ""
    ) -> ReportedJob:
        """Returns the job whose state has the word `state`. `find` returns what is found for another field, None if
        nothing is, and may raise ValueError.

        `nothing` says for people where no word for the state was found, if that is so; then UnreadableError is raised.
        With a `doubt` the job is an exception.
        """
        said, word = self.state_of(state)
        if not word:
            raise UnreadableError(nothing)
        means, note = known(said, word)
        if doubt:
            means = JobState.Exception
        found = self._found(find, [*filter(None, (doubt, note))])
        start, finish = _times(found, means)
        counts = _counts(found, means)
        if means is JobState.Successful and "failed" in found.unread:
            means = JobState.Exception
        return ReportedJob(
            state=means,
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
            raw=raw,
        )

    def _found(self, find: Callable[[str], Any], doubts: list[str]) -> _Found:
        found = _Found({}, doubts, set())
        for name in FIELDS[1:]:
            value: Any = None
            try:
                value = find(name)
            except ValueError as error:
                # A default is for what is not there, not for what cannot be read.
                doubts.append(f"{name} could not be read: {error}")
                found.unread.add(name)
                if name in _COUNTS:
                    continue
            if value is None or value == "":
                value = self._defaults.get(name)
            if value is None:
                continue
            try:
                found.values[name] = self._readers[name](value)
            except (ValueError, OverflowError) as error:
                doubts.append(f"{name} could not be read: {values.text_of(value)[:_SHOWN]!r} {error}")
                found.unread.add(name)
        return found

    def _code_reader(self, name: str) -> Callable[[Any], Any]:
        known, codes = self._codes[name], _CODES[name]

        def read(value: Any) -> Any:
            word = values.text_of(value).strip()
            if (found := known.get(word.casefold()) or known.get(ANY)) is not None:
                return found
            return code(codes, int(word) if word.isdecimal() else word)

        return read


def check_name(keys: Keys, name: str, *path: str | int) -> None:
    """Raises ConfigurationError, at `path`, if there is no such field."""
    if name not in FIELDS:
        words = meant(name, FIELDS, f"there are {', '.join(FIELDS)}")
        raise keys.error(f"is no field of a job: {words}", *path)


def _folded(keys: Keys, name: str, settings: FieldSettings) -> dict[str, Any]:
    """Returns a table by words in small letters. Raises ConfigurationError if one word means two things."""
    found: dict[str, Any] = {}
    for word, meaning in getattr(settings, name).items():
        if found.setdefault(word.strip().casefold(), meaning) != meaning:
            raise keys.error("is there already with another meaning: the case of letters does not count", name, word)
    return found


def _counts(found: _Found, state: JobState) -> Counts | None:
    """Returns the counts that are told; with the one of the job itself, where only bytes are."""
    given: dict[str, int] = {name: found.values[name] for name in _COUNTS if found.values.get(name) is not None}
    size = found.values.get("size")
    if not given:
        if size is None:
            return None
        return one_object(state, size) if state.finished else bounded(size=size)
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
