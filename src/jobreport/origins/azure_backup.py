"""What the states and workloads of Azure's Recovery Services vaults mean here."""

from typing import Final

from jobreport.model.brings import Brings, brings
from jobreport.model.catalog import JobState, JobType, ServiceType

_STATES: Final = {
    "inprogress": JobState.InProgress,
    "started": JobState.InProgress,
    "cancelling": JobState.InProgress,
    "completed": JobState.Successful,
    "completedwithwarnings": JobState.Exception,
    "cancelled": JobState.Stopped,
    "failed": JobState.Failed,
}
_BACKUPS: Final = {
    "vm": (ServiceType.VM, JobType.Backup),
    "azureiaasvm": (ServiceType.VM, JobType.Backup),
    "iaasvm": (ServiceType.VM, JobType.Backup),
    "azurefileshare": (ServiceType.AzureFile, JobType.FileBackup),
    "sqldatabase": (ServiceType.AzureSQL, JobType.SQLBackup),
    "azurevmsql": (ServiceType.AzureSQL, JobType.SQLBackup),
    "saphanadatabase": (ServiceType.Common, JobType.Backup),
    "filefolder": (ServiceType.FileShare, JobType.FileBackup),
    "systemstate": (ServiceType.FileShare, JobType.FileBackup),
    "client": (ServiceType.FileShare, JobType.FileBackup),
}
_RESTORES: Final = {
    JobType.Backup: JobType.Restore,
    JobType.FileBackup: JobType.FileRestore,
    JobType.SQLBackup: JobType.SQLRestore,
}
BRINGS: Final[Brings] = brings(*_BACKUPS.values(), *((service, _RESTORES[work]) for service, work in _BACKUPS.values()))
"""What the jobs of such a vault are here."""


def state_of(status: str) -> JobState | None:
    """Returns what the status of a job means, with or without blanks; None if it is not known."""
    return _STATES.get(status.replace(" ", "").casefold())


def codes_of(workload: str, operation: str) -> tuple[ServiceType | None, JobType | None]:
    """Returns the service and the type of a job by the kind of the protected item and what was done, such as
    `Backup (Full)`; None: the kind is not known.
    """
    service, kind = _BACKUPS.get(workload.replace(" ", "").casefold(), (None, None))
    if not operation.casefold().startswith("restore"):
        return service, kind
    return service, JobType.Restore if kind is None else _RESTORES[kind]


def key_of(vault: str, job: str) -> str:
    """Returns the name of a job that nobody else has. `vault` is the vault's ARM ID, whose case does not matter."""
    return f"azure/{vault.casefold()}/{job.casefold()}"
