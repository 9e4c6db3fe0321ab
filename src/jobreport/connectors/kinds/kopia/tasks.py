"""Makes jobs of the tasks of kopia's server.

Of the tasks that make snapshots only those that failed become jobs. The others leave a snapshot, and that says more: it
counts missing entries, where the task calls itself a success.
"""

from typing import Final

import msgspec

from jobreport.connectors.base import UnreadableRecordError
from jobreport.connectors.kinds.kopia.snapshots import SHORT
from jobreport.connectors.names import Statuses, job_id, raw_hidden
from jobreport.model import ticks
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.model.job import TEXT_LIMITS, Job
from jobreport.runner.redact import redact
from jobreport.runner.text import clean, shorten

_TYPES: Final = {
    "Snapshot": JobType.FileBackup,
    "Restore": JobType.FileRestore,
    "Maintenance": JobType.Retention,
}
"""The work that is a job. An estimate is none, nor is it one to open the repository."""
_STATUSES: Final = Statuses(
    {
        "RUNNING": JobState.InProgress,
        "CANCELING": JobState.InProgress,
        "CANCELED": JobState.Stopped,
        "SUCCESS": JobState.Successful,
        "FAILED": JobState.Failed,
    }
)
_LEAVES_A_SNAPSHOT: Final = frozenset({JobState.InProgress, JobState.Stopped, JobState.Successful})


class _Task(msgspec.Struct, rename="camel"):
    id: str
    start_time: str
    kind: str
    status: str
    end_time: str = ""
    description: str = ""
    progress_info: str = ""
    error_message: str = ""


def task_of(repository: str, record: bytes) -> Job | None:
    """Returns the job of a task of the server of the repository with this ID; None for what is no job.

    Raises UnreadableRecordError.
    """
    try:
        one = msgspec.json.decode(record, type=_Task)
    except msgspec.MsgspecError as error:
        raise UnreadableRecordError(f"a task is not as it should be: {error}") from None
    kind = _TYPES.get(one.kind)
    if kind is None:
        return None
    start = _ticks(one.start_time)
    end = _ticks(one.end_time) if one.end_time else 0  # in the first year, where it has none
    finish = max(start, end) if end else 0
    state, unknown = _STATUSES.read(one.status, ended=bool(finish))
    if state.finished and not finish:
        finish = start  # the server has no other time of it
    elif finish and not state.finished:
        state, unknown = JobState.Exception, f"it has ended, and its status is {one.status!r}"
    if kind is JobType.FileBackup and state in _LEAVES_A_SNAPSHOT:
        return None
    what = clean(one.description)
    said = filter(None, (unknown, one.error_message, one.progress_info if not state.finished else ""))
    return Job(
        # The server counts its tasks anew when it begins anew.
        job_id=job_id("kopia", repository[:SHORT], "task", one.kind, one.description, ticks.to_iso(start)),
        service=ServiceType.FileShare,
        type=kind,
        state=state,
        start=start,
        finish=finish,
        failed=int(state in {JobState.Failed, JobState.Exception}),
        successful=int(state is JobState.Successful),
        total=1,
        comments=shorten(clean(redact("\n".join(said))), TEXT_LIMITS["comments"]),
        description=f"kopia {one.kind.lower()}: {what}"[: TEXT_LIMITS["description"]],
        resource=what[: TEXT_LIMITS["resource"]],
        raw=raw_hidden(msgspec.json.decode(record), record.decode("utf-8", "replace")),
    )


def _ticks(time: str) -> int:
    try:
        return ticks.from_iso(time)
    except ValueError:
        raise UnreadableRecordError(f"a task has no time of a kind that is known: {time!r}"[:200]) from None
