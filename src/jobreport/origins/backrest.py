"""What Backrest's words for its work mean here, in the messages of its hooks as in its log of operations.

Both know an operation by its repository, its plan, what it does, and when it began, in whole milliseconds.
"""

import re
from typing import Final

from jobreport.model import ticks
from jobreport.model.brings import Brings, brings
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.model.job import REFERENCE, TEXT_LIMITS
from jobreport.runner.tools.base import Counts
from jobreport.runner.tools.reading import bounded, one_object

SNAPSHOT: Final = "SNAPSHOT"
"""The work that makes a backup."""
RESTORE: Final = "RESTORE"
_STATES: Final = {
    "START": JobState.InProgress,
    "SUCCESS": JobState.Successful,
    "WARNING": JobState.Exception,
    "ERROR": JobState.Failed,
    "SKIPPED": JobState.Skipped,
}
STATUSES: Final = {
    "STATUS_INPROGRESS": JobState.InProgress,
    "STATUS_SUCCESS": JobState.Successful,
    "STATUS_WARNING": JobState.Exception,
    "STATUS_ERROR": JobState.Failed,
    "STATUS_SYSTEM_CANCELLED": JobState.Stopped,
    "STATUS_USER_CANCELLED": JobState.Stopped,
    "STATUS_UNKNOWN": JobState.Exception,
}
"""Those of operations in its log, but for the one of what has not begun."""
PENDING: Final = "STATUS_PENDING"
"""The status of the next run of a plan, or of a next attempt: no run yet."""
NOTHING_CHANGED: Final = "no snapshot was made: nothing had changed"
_WORK: Final = {
    SNAPSHOT: JobType.Backup,
    RESTORE: JobType.Restore,
    "PRUNE": JobType.Retention,
    "FORGET": JobType.Retention,
    "CHECK": JobType.Report,
    "STATS": JobType.Report,
}
_TYPES: Final = {JobType.Backup: JobType.FileBackup, JobType.Restore: JobType.FileRestore}
BRINGS: Final[Brings] = brings(
    *((ServiceType.FileShare, _TYPES.get(work, work)) for work in dict.fromkeys(_WORK.values()))
)
"""What its operations are here."""
_SNAPSHOT_ID: Final = re.compile("[0-9a-f]{64}", re.ASCII)
_MILLISECOND: Final = ticks.PER_SECOND // 1000


def work_of(word: str) -> JobType | None:
    """Returns the type of a job by the work's name, such as SNAPSHOT; None: it is no job of ours."""
    return _WORK.get(word)


def type_of(work: JobType) -> JobType:
    """Returns the type of such work on files."""
    return _TYPES.get(work, work)


def state_of(word: str) -> JobState | None:
    """Returns what the last word of an event means, such as SUCCESS; None if it is not known."""
    return _STATES.get(word)


def reference_of(repository: str, plan: str, work: str, start: int) -> str:
    """Returns the name of an operation by which all tell of it, hooks as the log, of the instance as of its hub.

    `repository` is its ID (guid), `start` is in ticks. Empty if a part is not known, or if it makes no reference.
    """
    name = f"backrest:{repository}:{plan}:{work}:{(start - ticks.UNIX_EPOCH) // _MILLISECOND}"
    return _taken(name) if repository and plan and work and start else ""


def made_of(repository: str, snapshot: str) -> str:
    """Returns the reference of the snapshot that an operation made, as lists of restic's repositories have it."""
    return _taken(f"restic:{repository}:{snapshot}") if repository and _SNAPSHOT_ID.fullmatch(snapshot) else ""


def _taken(name: str) -> str:
    return name if len(name) <= TEXT_LIMITS["reference"] and re.fullmatch(REFERENCE, name) else ""


def counts_of(state: JobState, files: int, size: int, failed: int) -> Counts:
    """Returns the counts of a backup that has ended: so many files that were read, and that could not be."""
    if state in {JobState.Failed, JobState.Skipped} or not files:
        return one_object(state, size)
    return bounded(failed=failed or int(state is JobState.Exception), successful=files, size=size)
