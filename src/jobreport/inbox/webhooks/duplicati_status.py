"""Reads what Duplicati posts while it runs (`--http-report-status-url`): that it began, how far it is, that it ended.

It tells no result: an operation that failed at each file is Completed. So the last log lines decide too, and the
report of the run, which has the same key, counts before it, whichever comes first.
"""

from typing import Final

import msgspec

from jobreport.inbox.report import Reading, ReportedJob, UnreadableError
from jobreport.inbox.webhooks.base import Delivery
from jobreport.inbox.webhooks.document import text_of, time_of
from jobreport.model import ticks
from jobreport.model.catalog import JobState
from jobreport.runner.tools.text import MAX_COMMENTS, json_object, shorten

_RUNS: Final = frozenset({"Started", "Progress"})
_TOLD: Final = ("- [Error-", "- [Warning-")


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
        key=f"duplicati/{of.machine_id or ''}/{of.backup_id or ''}/{ticks.to_iso(start)}" if start else "",
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
    told = "\n".join(line for line in status.recent_log_lines if any(mark in line for mark in _TOLD))
    if status.status in _RUNS:
        return JobState.InProgress, ""
    if status.status == "Failed":
        words = status.error_message or "Duplicati reported a failure"
        return JobState.Failed, shorten("\n".join(filter(None, (words, told))), MAX_COMMENTS)
    if status.status == "Completed":
        return (JobState.Exception if told else JobState.Successful), shorten(told, MAX_COMMENTS)
    return JobState.Exception, f"unknown state {shorten(status.status, 100)!r}"
