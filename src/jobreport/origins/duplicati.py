"""What the results of Duplicati mean here, as its reports have them and as its own log keeps them: both are the same.

Within a result there are others, such as what was sent to the destination, which repeat its words: they are not read.
"""

import re
from hashlib import blake2b
from typing import Final

import msgspec

from jobreport.model import ticks
from jobreport.model.brings import Brings, brings
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.model.job import REFERENCE, TEXT_LIMITS
from jobreport.runner.text import plural
from jobreport.runner.tools.base import Counts
from jobreport.runner.tools.reading import bounded, one_object

WORK: Final = {
    "Backup": JobType.Backup,
    "Restore": JobType.Restore,
    "RestoreControlfiles": JobType.Restore,
    "Test": JobType.Report,
    "Delete": JobType.Retention,
    "Compact": JobType.Retention,
    "Repair": JobType.Retention,
    "PurgeFiles": JobType.Retention,
    "PurgeBrokenFiles": JobType.Retention,
    "Vacuum": JobType.Retention,
    "Sync": JobType.Backup,
    "RemoteSynchronization": JobType.Backup,
}
"""By the operation. All others only list something."""
_DIGEST_BYTES: Final = 4
_TYPES: Final = {JobType.Backup: JobType.FileBackup, JobType.Restore: JobType.FileRestore}
BRINGS: Final[Brings] = brings(
    *((ServiceType.FileShare, _TYPES.get(work, work)) for work in dict.fromkeys(WORK.values()))
)
"""What its operations are here."""


class Result(msgspec.Struct, rename="pascal"):
    """The result of an operation. Of one that did not end an older version tells an exception only, with `message`."""

    main_operation: str | None = None
    parsed_result: str | None = None
    interrupted: bool = False
    partial_backup: bool = False
    dryrun: bool = False
    begin_time: str | None = None
    end_time: str | None = None
    duration: str | None = None
    examined_files: int = 0
    files_with_error: int = 0
    not_processed_files: int = 0
    too_large_files: int = 0
    size_of_examined_files: int = 0
    restored_files: int = 0
    size_of_restored_files: int = 0
    errors_actual_length: int = 0
    warnings_actual_length: int = 0
    message: str | None = None


def type_of(work: JobType) -> JobType:
    """Returns the type of such work on files."""
    return _TYPES.get(work, work)


def state_of(result: Result, exception: str | None = None) -> tuple[JobState | None, str]:
    """Returns the state, None if it is not known; and why it is not what the result alone would say."""
    if result.interrupted:
        return JobState.Stopped, "interrupted"
    if exception or result.message:
        return JobState.Failed, ""
    match result.parsed_result:
        case "Success" if result.partial_backup:
            return JobState.Exception, "a partial backup"
        case "Success" if result.files_with_error or result.errors_actual_length:
            return JobState.Exception, "a success that counts errors"
        case "Success":
            return JobState.Successful, ""
        case "Warning":
            return JobState.Exception, ""
        case "Error":
            done = result.examined_files > result.files_with_error or result.restored_files
            return (JobState.Exception if done else JobState.Failed), ""
        case "Fatal":
            return JobState.Failed, ""
        case "Unknown":
            return JobState.Exception, "Duplicati does not know how it ended"
    return None, ""


def counts_of(state: JobState, result: Result) -> Counts:
    """Returns the counts of an operation that has ended: its files, or one object where it counts none."""
    seen = result.examined_files or result.restored_files
    if not seen:
        return one_object(state)
    failed = max(0, result.files_with_error)
    return bounded(
        failed=max(failed, int(state is JobState.Failed)),
        successful=0 if state is JobState.Failed else seen - failed,
        skipped=result.not_processed_files + result.too_large_files,
        size=result.size_of_examined_files or result.size_of_restored_files,
    )


def counted(result: Result) -> str:
    """Returns in words how many errors and warnings there were; empty: none."""
    if not (result.errors_actual_length or result.warnings_actual_length):
        return ""
    return f"{plural(result.errors_actual_length, 'error')}, {plural(result.warnings_actual_length, 'warning')}"


def reference_of(machine: str, called: str, backup: str, operation: str, start: int) -> str:
    """Returns the name of a run by which all tell of it, reports as the log; `start` is in ticks.

    A report as text tells its beginning in whole seconds. A machine that was copied has the ID of the first one, and
    the same backups at the same times, so what it is `called` counts, too. Empty if a part is not known, or if it makes
    no reference.
    """
    seconds = (start - ticks.UNIX_EPOCH) // ticks.PER_SECOND
    digest = blake2b(called.casefold().encode("utf-8", "replace"), digest_size=_DIGEST_BYTES).hexdigest()
    name = f"duplicati:{machine}:{backup}:{operation}:{seconds}:{digest}"
    whole = machine and called and backup and operation and start
    return name if whole and len(name) <= TEXT_LIMITS["reference"] and re.fullmatch(REFERENCE, name) else ""
