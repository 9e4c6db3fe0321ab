"""What the results and kinds of Veeam Backup & Replication's jobs mean here.

`Stopped` is a trap: it is the state of every session that has ended, and its result says how.
"""

from typing import Final

from jobreport.model.brings import Brings, brings
from jobreport.model.catalog import JobState, JobType, ServiceType

_RESULTS: Final = {
    "success": JobState.Successful,
    "warning": JobState.Exception,
    "failed": JobState.Failed,
    "none": JobState.Exception,  # it ended, and does not say how
}
_UNFINISHED: Final = {
    "starting": JobState.InProgress,
    "working": JobState.InProgress,
    "stopping": JobState.InProgress,
    "pausing": JobState.InProgress,
    "resuming": JobState.InProgress,
    "postprocessing": JobState.InProgress,
    "idle": JobState.InProgress,
    "actionrequired": JobState.InProgress,
    "waitingtape": JobState.Waiting,
    "waitingrepository": JobState.Waiting,
    "waitingslot": JobState.Waiting,
    "pending": JobState.Waiting,
}
_ENDED: Final = "stopped"
_COPIES: Final = ("copy", "replica", "archive")
BRINGS: Final[Brings] = brings(
    (ServiceType.VMware, JobType.VMwareBackup),
    (ServiceType.VMware, JobType.VMwareRestore),
    (ServiceType.VM, JobType.Backup),
    (ServiceType.VM, JobType.Restore),
)
"""What those of its jobs are here whose kind says what they protect."""


def state_of(state: str, result: str, *, cancelled: bool = False) -> JobState | None:
    """Returns what a session's state and result mean; None if one of them is not known.

    The state alone decides whether it ended: a running one may bear a result already.
    """
    if state.casefold() != _ENDED:
        return _UNFINISHED.get(state.casefold())
    return JobState.Stopped if cancelled else _RESULTS.get(result.casefold())


def codes_of(kind: str) -> tuple[ServiceType | None, JobType | None]:
    """Returns the service and the type of a job by the words for its kind, such as `VMware Backup`; None: the words do
    not say it.
    """
    words = kind.casefold()
    restore = "restore" in words or "recovery" in words
    if "vmware" in words or "vsphere" in words:
        return ServiceType.VMware, JobType.VMwareRestore if restore else JobType.VMwareBackup
    work = JobType.Restore if restore else None
    if any(word in words for word in ("hyper-v", "agent", "proxmox", "nutanix")):
        return ServiceType.VM, work or JobType.Backup
    if "surebackup" in words:
        return None, JobType.Report
    return None, work


def copies(kind: str) -> bool:
    """Returns whether a job of this kind makes a copy of a backup."""
    return any(word in kind.casefold() for word in _COPIES)
