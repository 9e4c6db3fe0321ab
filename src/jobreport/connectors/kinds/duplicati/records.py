"""Makes jobs of what Duplicati's log of a backup has, and of the last error that its server notes. Pure."""

from datetime import UTC
from typing import Any, Final

import msgspec

from jobreport.connectors.base import NextRun, UnreadableRecordError
from jobreport.connectors.names import job_id, raw_json, raw_text, undated
from jobreport.model import ticks
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.model.job import TEXT_LIMITS, Job, shorten
from jobreport.origins.duplicati import WORK, Result, counted, counts_of, reference_of, state_of, type_of
from jobreport.runner.text import clean
from jobreport.runner.tools.reading import one_object

RESULT: Final = "Result"
"""The type of a row with a result. All others are messages of the run whose result follows."""
_BAD: Final = frozenset({JobState.Failed, JobState.Exception, JobState.Stopped})
_BEFORE: Final = 600 * ticks.PER_SECOND
_AFTER: Final = 60 * ticks.PER_SECOND
"""The server notes an error after its result was written, when all who want to know of it have been told."""
_SHOWN: Final = 10
_YEAR_ONE: Final = "0001-01-01"


class Row(msgspec.Struct, rename="pascal"):
    """A row of the log. `timestamp` is in seconds since 1970."""

    id: int = msgspec.field(name="ID")
    timestamp: int
    type: str
    message: str | None


class LoggedResult(Result, rename="pascal"):
    """A result with the lines of its log that it has, at most twenty of a kind."""

    errors: tuple[str, ...] | None = None
    warnings: tuple[str, ...] | None = None


class Backup(msgspec.Struct, frozen=True):
    """A backup that the server knows: by its number, as reports have it, and its name; on which machine, by its ID and
    its name. `error` is when it last failed, and `why`; `next_run` when it begins next (ticks; 0: never).
    """

    number: str
    name: str
    machine_id: str
    machine: str
    error: int = 0
    why: str = ""
    next_run: int = 0


def job_of(row: Row, backup: Backup) -> Job | None:
    """Returns the job of a row; None if it has none. Raises UnreadableRecordError."""
    if row.type != RESULT:
        return None
    try:
        result = msgspec.json.decode(row.message or "", type=LoggedResult)
    except (ValueError, RecursionError) as error:
        raise UnreadableRecordError(f"the result in row {row.id} cannot be read: {str(error)[:200]}") from None
    operation = result.main_operation or ""
    if result.dryrun or (work := WORK.get(operation)) is None:
        return None
    begun, ended = _time(result.begin_time, row, "BeginTime"), _time(result.end_time, row, "EndTime")
    ended = ended or ticks.UNIX_EPOCH + row.timestamp * ticks.PER_SECOND
    begun = min(begun or ended, ended)
    known, note = state_of(result)
    if known is None:
        note = f"unknown result {str(result.parsed_result)[:100]!r} of Duplicati"
    state = JobState.Exception if known is None else known
    counts = counts_of(state, result)
    return Job(
        job_id=job_id("duplicati", *_whose(backup), operation, result.begin_time or row.timestamp),
        reference=reference_of(backup.machine_id, backup.machine, backup.number, operation, begun),
        service=ServiceType.FileShare,
        type=type_of(work),
        state=state,
        start=begun,
        finish=ended,
        failed=counts.failed,
        successful=counts.successful,
        skipped=counts.skipped,
        total=counts.total,
        size=counts.size,
        comments=_text("comments", _said(state, note, result)),
        description=_text("description", operation.lower()),
        raw=raw_json((row.message or "").encode("utf-8", "replace")),
        **_names(backup),
    )


def error_of(backup: Backup, ended: int) -> Job | None:
    """Returns the job of the last error of a backup, of which no row tells: it never came to a result, since its
    database is not there, or cannot be opened. `ended`: when the last row ended that is not good (ticks; 0: none is).
    """
    if not backup.error or (ended and ended - _AFTER <= backup.error <= ended + _BEFORE):
        return None
    counts = one_object(JobState.Failed)
    return Job(
        job_id=job_id(
            "duplicati", *_whose(backup), "error", clean(backup.machine), ticks.to_iso(backup.error, digits=0)
        ),
        service=ServiceType.FileShare,
        type=JobType.FileBackup,
        state=JobState.Failed,
        start=backup.error,
        finish=backup.error,
        failed=counts.failed,
        total=counts.total,
        comments=_text("comments", f"{backup.why}\nit came to no result, so it is not told when it began"),
        description="backup",
        raw=raw_text({"LastErrorDate": ticks.to_iso(backup.error, digits=0), "LastErrorMessage": backup.why}),
        **_names(backup),
    )


def next_run_of(backup: Backup) -> list[NextRun]:
    """Returns when a backup begins next, if it has a schedule."""
    return [NextRun(undated(_text("plan", backup.name)), backup.next_run)] if backup.next_run else []


def ended_badly(job: Job) -> int:
    """Returns when a job ended (ticks) that is not good; 0 for any other."""
    return job.finish if job.state in _BAD else 0


def _whose(backup: Backup) -> tuple[str, str]:
    return clean(backup.machine_id or backup.machine), backup.number


def _names(backup: Backup) -> dict[str, Any]:
    return {"plan": _text("plan", backup.name), "resource": _text("resource", backup.machine)}


def _said(state: JobState, note: str, result: LoggedResult) -> str:
    if state is JobState.Successful:
        return ""
    lines = [note, result.message or "", counted(result)]
    lines += (result.errors or ())[:_SHOWN] or (result.warnings or ())[:_SHOWN]
    return "\n".join(dict.fromkeys(filter(None, lines)))


def _text(field: str, text: str) -> str:
    return shorten(clean(text), TEXT_LIMITS[field])


def _time(text: str | None, row: Row, field: str) -> int:
    """Returns a time in ticks; 0 if there is none. Raises UnreadableRecordError."""
    if not text or text.startswith(_YEAR_ONE):
        return 0
    try:
        return ticks.check(ticks.from_iso(text, zone=UTC))
    except ValueError:
        raise UnreadableRecordError(
            f"{field} of the result in row {row.id} is {text[:60]!r}, which is no time"
        ) from None
