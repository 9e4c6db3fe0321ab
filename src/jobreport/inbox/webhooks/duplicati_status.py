"""Reads what Duplicati posts while it runs (`--http-report-status-url`): that it began, its progress, and its end.

It posts no result: an operation that failed at every file is called Completed. So the last log lines decide too.

Duplicati reads its clock once for the status messages of a run and once for its report. If the two starts differ, they
become two jobs. If they are equal, the report counts before the status, whichever comes first.
"""

from collections.abc import Iterable
from typing import Final

import msgspec

from jobreport.inbox.report import Reading, ReportedJob, UnreadableError, known
from jobreport.inbox.webhooks.base import Delivery
from jobreport.inbox.webhooks.document import text_of, time_of
from jobreport.model import ticks
from jobreport.model.catalog import JobState
from jobreport.runner.text import MAX_COMMENTS, json_object, shorten

_RUNS: Final = frozenset({"Started", "Progress"})
ERROR: Final = "- [Error-"
"""Stands in a line of the log that tells of an error."""
_WARNING: Final = "- [Warning-"


class _Metadata(msgspec.Struct, rename="camel"):
    machine_id: str | None = None
    machine_name: str | None = None
    backup_id: str | None = None
    backup_name: str | None = None


class _Status(msgspec.Struct, rename="camel"):
    status: str
    started_utc: str
    reported_utc: str
    operation: str | None = None
    error_message: str | None = None
    recent_log_lines: list[str] = []
    metadata: _Metadata | None = None


def read(delivery: Delivery) -> Reading | None:
    """Returns what a status says; None if this is none. Raises UnreadableError."""
    found = json_object(text_of(delivery))
    if found is None or "startedUtc" not in found:
        return None
    try:
        status = msgspec.convert(found, _Status, strict=False)
    except msgspec.ValidationError as error:
        raise UnreadableError(f"the body is not a status of Duplicati: {error}") from None
    if status.operation != "Backup":
        return Reading(ignored=f"Duplicati's status of the operation {shorten(status.operation or 'unknown', 100)}")
    of = status.metadata or _Metadata()
    start, now = time_of(status.started_utc, "startedUtc"), time_of(status.reported_utc, "reportedUtc")
    state, comments = _ended(status)
    job = ReportedJob(
        state=state,
        key=run_key(of.machine_id, of.backup_id, start) if start else "",
        start=start,
        finish=now if state.finished else 0,
        # But for a failure it knows nothing of the end that a report could not know better: so it is never the newer.
        observed=now if state is JobState.Failed else start,
        plan=of.backup_name or "",
        resource=of.machine_name or "",
        comments=comments,
    )
    return Reading(jobs=(job,))


def _ended(status: _Status) -> tuple[JobState, str]:
    told = "\n".join(bad_lines(status.recent_log_lines))
    if status.status in _RUNS:
        return JobState.InProgress, ""
    if status.status == "Failed":
        words = status.error_message or "Duplicati reported a failure"
        return JobState.Failed, shorten("\n".join(filter(None, (words, told))), MAX_COMMENTS)
    if status.status == "Completed":
        return (JobState.Exception if told else JobState.Successful), shorten(told, MAX_COMMENTS)
    return known(None, status.status)


def bad_lines(lines: Iterable[str]) -> list[str]:
    """Returns the lines of the log that tell of errors and warnings."""
    return [line for line in lines if ERROR in line or _WARNING in line]


def run_key(machine: str | None, backup: str | None, start: int) -> str:
    """Returns the name of a run that nobody else has, by the IDs of its machine and plan and by its start (ticks)."""
    return f"duplicati/{machine or ''}/{backup or ''}/{ticks.to_iso(start)}"
