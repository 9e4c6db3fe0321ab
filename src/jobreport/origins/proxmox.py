"""What the results and kinds of Proxmox tasks mean here: of Proxmox VE and of Proxmox Backup Server."""

from typing import Final

from jobreport.model.catalog import JobState, JobType

_STOPPED: Final = frozenset(
    {
        *("task aborted", "sync aborted", "pull aborted", "abort requested - aborting task"),
        *("verification failed - job aborted", "interrupted by signal", "received interrupt"),
    }
)
_NOT_TOLD: Final = frozenset({"", "unknown", "unexpected status"})
_NOT_KNOWN: Final = ("WARNINGS: ", "unable to get last line from task log", "unable to open file")
_KINDS: Final = {
    "vzdump": JobType.Backup,
    "backup": JobType.Backup,
    "sync": JobType.Backup,
    "syncjob": JobType.Backup,
    "tape-backup": JobType.Backup,
    "tape-backup-job": JobType.Backup,
    "qmrestore": JobType.Restore,
    "vzrestore": JobType.Restore,
    "reader": JobType.Restore,
    "tape-restore": JobType.Restore,
    "verify": JobType.Report,
    "verify_group": JobType.Report,
    "verify_snapshot": JobType.Report,
    "verificationjob": JobType.Report,
    "prune": JobType.Retention,
    "prunejob": JobType.Retention,
    "gc": JobType.Retention,
    "garbage_collection": JobType.Retention,
}


def state_of(result: str) -> JobState:
    """Returns what a finished task's status means.

    Whatever is neither `OK` nor a warning is the text of an error, and often bears no word of one.
    """
    if result == "OK":
        return JobState.Successful
    if result in _STOPPED:
        return JobState.Stopped
    if result in _NOT_TOLD or result.startswith(_NOT_KNOWN):
        return JobState.Exception
    return JobState.Failed


def type_of(kind: str) -> JobType | None:
    """Returns the type of the work that a worker or a notification of this kind does; None: it is no job of ours."""
    return _KINDS.get(kind)


def made_by(host: str, kind: str, store: str, plan: str = "") -> str:
    """Returns the name of what a scheduled task of Proxmox Backup Server did, by which messages and lists both know it;
    empty if the message does not say enough. A list does not know which job a prune is.
    """
    known = "" if kind == "prune" else plan
    return f"pbs:{host}:{kind}:{store}:{known}" if host and store else ""


def reference_of(upid: str) -> str:
    """Returns the name by which all who know its UPID tell of a task of Proxmox Backup Server."""
    return f"pbs:{upid}"
