"""Makes jobs of the operations in Backrest's log. Pure: it knows neither HTTP nor which instance was asked.

They come as protocol buffers write JSON: large numbers are texts, and what is zero, false or empty is left out.
"""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from jobreport.connectors.base import NextRun, UnreadableRecordError
from jobreport.connectors.names import Statuses, job_id, raw_json, undated
from jobreport.model import ticks
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.model.job import TEXT_LIMITS, Job, shorten
from jobreport.origins.backrest import (
    NOTHING_CHANGED,
    PENDING,
    RESTORE,
    SNAPSHOT,
    STATUSES,
    counts_of,
    made_of,
    reference_of,
    type_of,
    work_of,
)
from jobreport.runner.text import clean
from jobreport.runner.tools.base import Counts
from jobreport.runner.tools.reading import bounded, one_object

_MILLISECOND: Final = ticks.PER_SECOND // 1000
_STATUSES: Final = Statuses(STATUSES)
_SHOWN: Final = 10
_PASSING: Final = frozenset(
    {PENDING, "STATUS_UNKNOWN", "STATUS_SYSTEM_CANCELLED", "STATUS_USER_CANCELLED", "STATUS_INPROGRESS"}
)


class Numbers(msgspec.Struct, rename="camel"):
    """What restic counted, of a backup and of a restore."""

    total_files_processed: int = 0
    total_bytes_processed: int = 0
    total_files: int = 0
    files_restored: int = 0
    bytes_restored: int = 0


class Progress(Numbers):
    """How far a backup is, or its `summary`; a restore tells both in the same way."""

    summary: Numbers | None = None


class FileError(msgspec.Struct):
    """A file that could not be read."""

    item: str = ""
    message: str = ""


class Work(msgspec.Struct, rename="camel"):
    """What an operation does, whichever it is."""

    last_status: Progress = msgspec.field(default_factory=Progress)
    errors: tuple[FileError, ...] = ()
    dry_run: bool = False
    path: str = ""


class Operation(msgspec.Struct, rename="camel"):
    """An operation. Of what it does, one is there."""

    id: int
    modno: int = 0
    original_id: int = 0
    instance_id: str = ""
    repo_id: str = ""
    repo_guid: str = ""
    plan_id: str = ""
    snapshot_id: str = ""
    status: str | int = "STATUS_UNKNOWN"
    unix_time_start_ms: int = 0
    unix_time_end_ms: int = 0
    display_message: str = ""
    operation_backup: Work | None = None
    operation_restore: Work | None = None
    operation_forget: Work | None = None
    operation_prune: Work | None = None
    operation_check: Work | None = None
    operation_stats: Work | None = None

    @property
    def start(self) -> int:
        """When it began, in ticks; 0: that is not told."""
        return _time(self.unix_time_start_ms)

    @property
    def lasts(self) -> bool:
        """Whether its log has it for some time: what has not ended, or was cancelled, goes when Backrest starts."""
        return str(self.status) not in _PASSING


def operation_of(record: Any) -> Operation:
    """Returns the operation in a record. Raises UnreadableRecordError."""
    try:
        return msgspec.convert(record, Operation, strict=False)
    except msgspec.ValidationError as error:
        raise UnreadableRecordError(f"an operation cannot be read: {error}") from None


def job_of(operation: Operation, raw: str) -> Job | None:
    """Returns the job that an operation is, whose record is `raw`; None: it is none, or has not begun.

    Raises UnreadableRecordError.
    """
    name, work = _work(operation)
    if not name or operation.status == PENDING or work.dry_run:
        return None
    kind = work_of(name) or JobType.Backup
    begun, ended = operation.start, _time(operation.unix_time_end_ms)
    if not begun:
        raise UnreadableRecordError(f"operation {operation.id} does not tell when it began")
    state, note = _state(operation, name, work, ended=bool(ended))
    counts = _counts(operation, state, name, work)
    # One that was cancelled before it began bears the time at which it should have, and others may have the same.
    never_began = 0 < ended < begun
    return Job(
        # Another operation may have its number, when it is deleted.
        job_id=job_id(
            *("backrest", clean(operation.instance_id), clean(operation.repo_guid or operation.repo_id)),
            *(operation.original_id or operation.id, operation.unix_time_start_ms),
        ),
        reference="" if never_began else reference_of(operation.repo_guid, operation.plan_id, name, begun),
        made=made_of(operation.repo_guid, operation.snapshot_id) if name == SNAPSHOT else "",
        service=ServiceType.FileShare,
        type=type_of(kind),
        state=state,
        start=ended if never_began else begun,
        finish=(ended or begun) if state.finished else 0,
        failed=counts.failed,
        successful=counts.successful,
        skipped=counts.skipped,
        total=counts.total,
        size=counts.size,
        comments=_text("comments", _said(operation, state, note, work)),
        description=_text("description", _about(name, work)),
        plan=_text("plan", operation.plan_id),
        resource=_text("resource", f"{operation.instance_id}: {operation.repo_id}"),
        raw=raw_json(raw.encode()),
    )


def next_run_of(operation: Operation) -> NextRun | None:
    """Returns when a plan makes its next backup, if this is that; None: it is anything else."""
    backup = operation.operation_backup
    if operation.status != PENDING or backup is None or backup.dry_run or not operation.start:
        return None
    return NextRun(undated(_text("plan", operation.plan_id)), operation.start)


def _work(operation: Operation) -> tuple[str, Work]:
    """Returns what an operation does, by its name and as it is told; no name: it is no job of ours."""
    every: Mapping[str, Work | None] = {
        SNAPSHOT: operation.operation_backup,
        RESTORE: operation.operation_restore,
        "FORGET": operation.operation_forget,
        "PRUNE": operation.operation_prune,
        "CHECK": operation.operation_check,
        "STATS": operation.operation_stats,
    }
    return next(((name, work) for name, work in every.items() if work is not None), ("", Work()))


def _state(operation: Operation, name: str, work: Work, *, ended: bool) -> tuple[JobState, str]:
    state, note = _STATUSES.read(str(operation.status), ended=ended)
    if name != SNAPSHOT:
        return state, note
    if state is JobState.Successful and work.errors:
        return JobState.Exception, "a success with errors"
    if state is JobState.Successful and not operation.snapshot_id:
        return JobState.Skipped, NOTHING_CHANGED
    if state is JobState.Failed and operation.snapshot_id:
        return JobState.Exception, "the snapshot was made, and what followed failed"
    return state, note


def _counts(operation: Operation, state: JobState, name: str, work: Work) -> Counts:
    if not state.finished:
        return Counts()
    found = work.last_status
    if name == SNAPSHOT:
        summary = found.summary or Numbers()
        return counts_of(state, summary.total_files_processed, summary.total_bytes_processed, len(work.errors))
    if name == RESTORE and state is JobState.Successful and found.files_restored:
        return bounded(successful=found.files_restored, total=found.total_files, size=found.bytes_restored)
    return one_object(state)


def _said(operation: Operation, state: JobState, note: str, work: Work) -> str:
    if state is JobState.Successful:
        return ""
    lines = [note, operation.display_message]
    lines += [f"{error.item}: {error.message}" for error in work.errors[:_SHOWN]]
    return "\n".join(filter(None, lines))


def _about(name: str, work: Work) -> str:
    words = "backup" if name == SNAPSHOT else name.lower()
    return f"{words} of {work.path}" if work.path else words


def _text(field: str, text: str) -> str:
    return shorten(clean(text), TEXT_LIMITS[field])


def _time(milliseconds: int) -> int:
    """Returns a time in ticks; 0 if it is none."""
    at = ticks.UNIX_EPOCH + milliseconds * _MILLISECOND
    return at if ticks.YEAR_2000 <= at < ticks.YEAR_2200 else 0
