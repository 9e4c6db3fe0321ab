"""What the results and kinds of Veeam Backup & Replication's jobs mean here, in its API's words and in people's.

`Stopped` is a trap: it is the state of every session that has ended, and its result says how.
"""

import re
from typing import Final

from jobreport.model.brings import Brings, brings, together
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
_IDLE: Final = "idle"
_ID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE | re.ASCII)
_COPIES: Final = ("copy", "replica", "archive")
BRINGS: Final[Brings] = brings(
    (ServiceType.VMware, JobType.VMwareBackup),
    (ServiceType.VMware, JobType.VMwareRestore),
    (ServiceType.VM, JobType.Backup),
    (ServiceType.VM, JobType.Restore),
)
"""What those of its jobs are here whose kind says what they protect."""
_PLATFORMS: Final = {
    "vmware": (ServiceType.VMware, JobType.VMwareBackup, JobType.VMwareRestore),
    "unstructureddata": (ServiceType.FileShare, JobType.FileBackup, JobType.FileRestore),
    "entraid": (ServiceType.AAD, JobType.AADBackup, JobType.AADRestore),
    "awsec2": (ServiceType.AmazonEC2, JobType.EC2Backup, JobType.EC2Restore),
    "gce": (ServiceType.GoogleCloud, JobType.GoogleVMBackup, JobType.GoogleVMRestore),
    **dict.fromkeys(
        (
            *("hyperv", "clouddirector", "nutanix", "proxmox", "azurecompute"),
            *("windowsphysical", "linuxphysical", "linuxphysicalppc"),
        ),
        (ServiceType.VM, JobType.Backup, JobType.Restore),
    ),
}
"""By the platform that a session names: its service, and what a backup and a restore of it are."""
_OTHERS: Final = (ServiceType.Common, JobType.Backup, JobType.Restore)
_OF_ITS_OWN: Final = {
    "sqllogbackup": (ServiceType.SQLServer, JobType.SQLServerBackup),
    "configurationbackup": (ServiceType.Common, JobType.Backup),
    "fileserversave": (ServiceType.FileShare, JobType.FileBackup),
    "unstructureddatabackupcopy": (ServiceType.FileShare, JobType.FileBackup),
    "nasrestore": (ServiceType.FileShare, JobType.FileRestore),
    "fileinstantrecovery": (ServiceType.FileShare, JobType.FileRestore),
    "entraidrestore": (ServiceType.AAD, JobType.AADRestore),
    "entraidrestorefromcopy": (ServiceType.AAD, JobType.AADRestore),
    "retention": (ServiceType.Common, JobType.Retention),
    "deletebackup": (ServiceType.Common, JobType.HardDelete),
    **dict.fromkeys(
        (
            *("surebackup", "surebackupcontentscan", "malwaredetection", "encryptionanalysis"),
            "filebackuphealthcheck",
        ),
        (ServiceType.Common, JobType.Report),
    ),
}
"""Session types that decide by themselves, whatever platform is named beside them."""
_NO_JOBS: Final = frozenset(
    {
        *("publishbackupcontentviamount", "publishbackupcontentvianfs", "permanentfailover", "undofailover"),
        *("commitfailback", "undofailback", "azureinstantrecoverymigration", "azureinstantrecoveryswitchover"),
        *("azureinstantrecoverystart", "azureinstantrecoverystop", "azureinstantrecoverymigrationundo"),
        *("azureinstantrecoverymount", "fileinstantrecoverymigration", "archivefreezing", "archiverehydration"),
        *("retrievebackup", "archivetierdownload", "filebackuparchiveretrievalprolonging", "pervmmovebackup"),
        *("epagentoperationstopbackup", "agentoperationbackupnow", "agentsrecoveryappliancesmanagement"),
    }
)
"""Session types that are steps of other work, or move what there is, though their names have a word of the work."""
_WORK: Final = (
    (re.compile("restore|recovery|failover|failback|switchreplica"), JobType.Restore),
    (re.compile("backup|copy|replica|archive|snapshot|policy"), JobType.Backup),
)
"""What the other session types are, by a word in their names: those that there are, and those that are still to come.
Without such a word it is no job: infrastructure, discovery, updates, browsing."""
_HOLDERS: Final = frozenset({"agentpolicy", "backupcopyjobparent", "failoverplan"})
_JOB: Final = "job"
"""The type that revision 1.1 of the API gives to all backup jobs."""
BRINGS_BY_API: Final[Brings] = together(
    [
        *(
            brings((service, backup), (service, restore))
            for service, backup, restore in (*_PLATFORMS.values(), _OTHERS)
        ),
        *(brings(codes) for codes in _OF_ITS_OWN.values()),
    ]
)
"""What the sessions are that its API lists."""


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


def is_idle(state: str) -> bool:
    """Returns whether a session waits for work without end, as that of a continuous copy does: it is no run."""
    return state.casefold() == _IDLE


def codes_of_session(kind: str, platform: str) -> tuple[ServiceType, JobType] | None:
    """Returns the service and the type of a session by its type, such as `BackupJob`, and then by the platform that it
    names, such as `HyperV`; None: it is no job of ours.
    """
    word = kind.casefold()
    if own := _OF_ITS_OWN.get(word):
        return own
    if word in _NO_JOBS:
        return None
    work = JobType.Backup if word == _JOB else next((one for words, one in _WORK if words.search(word)), None)
    if work is None:
        return None
    service, backup, restore = _PLATFORMS.get(platform.casefold(), _OTHERS)
    return service, restore if work is JobType.Restore else backup


def is_work(kind: str) -> bool:
    """Returns whether a session of this type is a job of ours."""
    return codes_of_session(kind, "") is not None


def holds(kind: str, part: str) -> bool:
    """Returns whether a session of one type that is the parent of one of another only holds such parts together."""
    return kind.casefold() in _HOLDERS or kind.casefold() == part.casefold()


def reference_of(session: str) -> str:
    """Returns the name of a session by which all tell of it: its ID, which no other server's has."""
    return f"veeam:{session.strip().casefold()}" if _ID.fullmatch(session.strip()) else ""


def copies(kind: str) -> bool:
    """Returns whether a job of this kind makes a copy of a backup."""
    return any(word in kind.casefold() for word in _COPIES)
