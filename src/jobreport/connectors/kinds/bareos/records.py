"""Makes jobs of the records of a catalog, however they came: from a director's console, or from its database. Pure.

A record has the columns of the catalog's table `Job` by their names in lower case, and all values as texts.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec

from jobreport.connectors.base import UnreadableRecordError
from jobreport.connectors.kinds.bareos.times import times_of
from jobreport.connectors.names import job_id, raw_text, reference
from jobreport.model.catalog import JobState, ServiceType
from jobreport.model.job import COUNTS, TEXT_LIMITS, Job, shorten
from jobreport.origins.bareos import (
    BACKUP,
    ERROR,
    KINDS,
    LEVELS,
    NO_JOBS,
    REPORT,
    STATES,
    TYPES,
    WORDS,
    WORTH_TELLING,
    reference_of,
)
from jobreport.runner.redact import redact
from jobreport.runner.text import clean, plural, whole
from jobreport.runner.tools.base import Counts
from jobreport.runner.tools.reading import bounded, one_object

Record = Mapping[str, str]
_OF_FILES: Final = frozenset({BACKUP, "restore", "verify"})
_LEVELLED: Final = frozenset({BACKUP, "verify"})
_GROWS: Final = "duration"
"""What an unfinished job's record says anew at each look, though nothing has changed."""
_SHOWN: Final = 5
_NONE: Final = frozenset({"", "0"})


class About(msgspec.Struct, frozen=True):
    """What else must be known to read a record: the director's name, and its time zone (None: nobody said it)."""

    director: str
    zone: ZoneInfo | None = None


class Awaited(msgspec.Struct, frozen=True):
    """A job that had not ended, and the name of its run."""

    job: Job
    run: str


def awaited(unfinished: Iterable[Job]) -> dict[str, Awaited]:
    """Returns the jobs that had not ended, by their numbers in the catalog: as their records tell them, or as
    their IDs do where another told of a job since.
    """
    found = {}
    for job in unfinished:
        try:
            record = msgspec.json.decode(job.raw, type=_Named)
            number, run = record.jobid, record.job
        except (msgspec.DecodeError, RecursionError):
            _, _, named = job.job_id.rpartition(":")
            number, run = job.job_id.removesuffix(f":{named}").rpartition(":")[2], named
        found[number] = Awaited(job, run)
    return found


class _Named(msgspec.Struct):
    """What is needed of a record, to ask for its job again."""

    jobid: str
    job: str


def record_of(row: Mapping[str, Any]) -> Record:
    """Returns a row as a record: the case in which columns and keys are written varies, and so do the values' types."""
    return {name.lower(): _text(value) for name, value in row.items()}


def is_none(record: Record) -> bool:
    """Whether a record is no job of ours: what came of copying or migrating another one, which is a job already."""
    kind = record.get("type", "")
    return kind in NO_JOBS or (kind == "B" and record.get("priorjobid", "") not in _NONE)


def is_bad(record: Record) -> bool:
    """Whether the log of a job may say why it did not end well."""
    told = record.get("jobstatus", "")
    return (told in WORDS and told != "A") or bool(_errors(record))


def job_of(record: Record, about: About, log: Iterable[str] = ()) -> Job | None:
    """Returns the job of a record; None if it is none of ours. `log` are the lines of its log, as far as they are
    asked for. Raises UnreadableRecordError.
    """
    if is_none(record):
        return None
    number, run = record.get("jobid", ""), record.get("job", "")
    if not number.isdecimal() or not run:
        raise UnreadableRecordError("a record has no JobId, or not the name of its run (Job)")
    letter = record.get("type", "")
    kind = KINDS.get(letter, "")
    times = times_of(record, about.zone)
    state, said = _state(record, ended=bool(times.end))
    start = times.start or times.due
    finish = 0
    if state.finished:
        finish = times.end or start
        start = min(start or finish, finish)
        said += [] if times.end else ["its catalog does not tell when it ended"]
    counts = _counts(record, state, kind)
    key = reference_of(about.director, number, run)
    return Job(
        job_id=job_id(key),
        reference=reference(key),
        service=ServiceType.FileShare,
        type=TYPES.get(kind, TYPES["admin"]),
        state=state,
        start=start,
        finish=finish,
        **{name: getattr(counts, name) for name in COUNTS},
        size=counts.size,
        comments=_comments([*said, *([] if kind else [f"unknown type {letter!r} of its origin"]), *_worth(log)]),
        description=_named(
            "description", kind.capitalize(), LEVELS.get(record.get("level", ""), "") if kind in _LEVELLED else ""
        ),
        plan=_named("plan", record.get("name", "")),
        resource=_named("resource", record.get("client", "") or record.get("clientname", "")),
        raw=raw_text(record if state.finished else {name: told for name, told in record.items() if name != _GROWS}),
    )


def _state(record: Record, *, ended: bool) -> tuple[JobState, list[str]]:
    """Returns the state, and what is to be said of it."""
    letter, errors, files = record.get("jobstatus", ""), _errors(record), whole(record.get("jobfiles"))
    if (state := STATES.get(letter)) is None:
        return (JobState.Exception if ended else JobState.InProgress), [f"unknown status {letter!r} of its origin"]
    said = [f"{letter}: {WORDS[letter]}"] if letter in WORDS else []
    if letter == ERROR and not files:
        state = JobState.Failed
    if state is JobState.Successful and errors:
        return JobState.Exception, [f"{letter}: terminated normally, with {plural(errors, 'error')}"]
    return state, said


def _errors(record: Record) -> int:
    return whole(record.get("joberrors")) + whole(record.get("jobmissingfiles"))


def _counts(record: Record, state: JobState, kind: str) -> Counts:
    """Returns the counts of a job: of its files, where its work is files."""
    files, errors, size = whole(record.get("jobfiles")), _errors(record), whole(record.get("jobbytes"))
    if not state.finished:
        return bounded(successful=files, size=size)
    if kind not in _OF_FILES and not files and not errors:
        return one_object(state, size)
    if state is JobState.Failed:
        return bounded(failed=max(errors, 1), size=size)
    return bounded(failed=max(errors, int(state is JobState.Exception)), successful=files, size=size)


def _worth(log: Iterable[str]) -> list[str]:
    """Returns the lines of a log that say what went wrong; the report at its end repeats what the record has."""
    first = (text.strip().partition("\n")[0].strip() for text in log)
    told = (line for line in first if not REPORT.search(line))
    return [line for line in told if WORTH_TELLING.match(line) or "ERR=" in line][:_SHOWN]


def _comments(lines: Iterable[str]) -> str:
    return shorten(redact(clean("\n".join(dict.fromkeys(filter(None, lines))))), TEXT_LIMITS["comments"])


def _named(field: str, *parts: str) -> str:
    return shorten(" ".join(clean(" ".join(parts)).split()), TEXT_LIMITS[field])


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
