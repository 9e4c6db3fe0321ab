"""What the states, workloads and names of Azure's vaults mean here, in their lists as in Azure Monitor's alerts."""

import re
from functools import lru_cache
from hashlib import blake2b
from typing import Final
from urllib.parse import quote

from jobreport.model.brings import Brings, brings
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.model.job import TEXT_LIMITS

STATES: Final = {
    "inprogress": JobState.InProgress,
    "started": JobState.InProgress,
    "cancelling": JobState.InProgress,
    "paused": JobState.Waiting,
    "completed": JobState.Successful,
    "succeeded": JobState.Successful,
    "completedwithwarnings": JobState.Exception,
    "cancelled": JobState.Stopped,
    "failed": JobState.Failed,
}
"""By a status without blanks, in lower case."""
_BACKUPS: Final = {
    "vm": (ServiceType.VM, JobType.Backup),
    "azureiaasvm": (ServiceType.VM, JobType.Backup),
    "iaasvm": (ServiceType.VM, JobType.Backup),
    "azurefileshare": (ServiceType.AzureFile, JobType.FileBackup),
    "azurestorage": (ServiceType.AzureFile, JobType.FileBackup),
    "sqldatabase": (ServiceType.AzureSQL, JobType.SQLBackup),
    "azurevmsql": (ServiceType.AzureSQL, JobType.SQLBackup),
    "saphanadatabase": (ServiceType.Common, JobType.Backup),
    "filefolder": (ServiceType.FileShare, JobType.FileBackup),
    "systemstate": (ServiceType.FileShare, JobType.FileBackup),
    "client": (ServiceType.FileShare, JobType.FileBackup),
    "mab": (ServiceType.FileShare, JobType.FileBackup),
    "vmwarevm": (ServiceType.VMware, JobType.VMwareBackup),
    "sqldb": (ServiceType.SQLServer, JobType.SQLServerBackup),
}
_RESTORES: Final = {
    JobType.Backup: JobType.Restore,
    JobType.FileBackup: JobType.FileRestore,
    JobType.SQLBackup: JobType.SQLRestore,
    JobType.VMwareBackup: JobType.VMwareRestore,
    JobType.SQLServerBackup: JobType.SQLServerRestore,
}
_DATA_SOURCES: Final = {
    "microsoft.containerservice/managedclusters": (ServiceType.AKS, JobType.AKSBackup, JobType.AKSRestore),
    "microsoft.storage/storageaccounts/blobservices": (
        ServiceType.BlobStorage,
        JobType.FileBackup,
        JobType.FileRestore,
    ),
    "microsoft.storage/storageaccounts/adlsblobservices": (
        ServiceType.BlobStorage,
        JobType.FileBackup,
        JobType.FileRestore,
    ),
    "microsoft.compute/disks": (ServiceType.VM, JobType.Backup, JobType.Restore),
    "microsoft.dbforpostgresql/flexibleservers": (
        ServiceType.AzurePostgreSQL,
        JobType.AzurePostgreSQLBackup,
        JobType.AzurePostgreSQLRestore,
    ),
    "microsoft.dbforpostgresql/servers/databases": (
        ServiceType.AzurePostgreSQL,
        JobType.AzurePostgreSQLBackup,
        JobType.AzurePostgreSQLRestore,
    ),
}
_ANY: Final = (ServiceType.Common, JobType.Backup, JobType.Restore)
BACKUP_VAULTS_BRING: Final[Brings] = brings(
    *((service, backup) for service, backup, _ in (*_DATA_SOURCES.values(), _ANY)),
    *((service, restore) for service, _, restore in (*_DATA_SOURCES.values(), _ANY)),
)
"""What the jobs of a Backup vault are here."""
_VAULT: Final = re.compile(r"/(?:backup)?vaults/[^/]+/?\s*$", re.IGNORECASE)
_PLAIN: Final = "/:;,@!$&'()*+=~ "
_AS_IT_IS: Final = re.compile(rf"[\w.{re.escape(_PLAIN)}-]*", re.ASCII).fullmatch
_PLACES: Final = 1_000
"""So many vaults, whose jobs come one after another, have their names at hand."""
_DIGEST_BYTES: Final = 12
_RESTORED: Final = ("restore", "crossregionrestore")
_DELETES: Final = "deletebackupdata"
BRINGS: Final[Brings] = brings(
    *_BACKUPS.values(),
    *((service, _RESTORES[work]) for service, work in _BACKUPS.values()),
    *((service, JobType.HardDelete) for service, _ in _BACKUPS.values()),
)
"""What the jobs of such a vault are here."""


def state_of(status: str) -> JobState | None:
    """Returns what the status of a job means, with or without blanks; None if it is not known."""
    return STATES.get(status.replace(" ", "").casefold())


def codes_of(workload: str, operation: str) -> tuple[ServiceType | None, JobType | None]:
    """Returns the service and the type of a job by the kind of the protected item and what was done, such as
    `Backup (Full)`; None: the kind is not known.
    """
    service, kind = _BACKUPS.get(workload.replace(" ", "").casefold(), (None, None))
    done = operation.replace(" ", "").casefold()
    if done.startswith(_DELETES):
        return service, JobType.HardDelete
    if not done.startswith(_RESTORED):
        return service, kind
    return service, JobType.Restore if kind is None else _RESTORES[kind]


def codes_of_source(kind: str, *, restores: bool) -> tuple[ServiceType, JobType]:
    """Returns the service and the type of a job of a Backup vault by the type of its data source."""
    service, backup, restore = _DATA_SOURCES.get(kind.casefold(), _ANY)
    return service, restore if restores else backup


def is_work(operation: str) -> bool:
    """Whether a job of a vault is one of ours by what was done: to set up or to end a protection is none."""
    return operation.replace(" ", "").casefold().startswith(("backup", _DELETES, *_RESTORED))


def key_of(vault: str, job: str) -> str:
    """Returns the name of a job that nobody else has. `vault` is the vault's ARM ID, whose case does not matter."""
    return f"azure/{vault.casefold()}/{job.casefold()}"


def reference_of(vault: str, job: str) -> str:
    """Returns the name of a job by which all tell of it, alerts as lists; empty if `vault` is no vault's ARM ID."""
    return reference(f"{vault.strip().rstrip('/')}/backupJobs/{job}") if _VAULT.search(vault) and job else ""


def reference(arm_id: str) -> str:
    """Returns the name of a thing in Azure, whose case does not matter, as a reference has it.

    That are the names in its ARM ID, without the kinds between them: `azure:SUBSCRIPTION/GROUP/VAULT/JOB`. Whatever
    finds jobs by their names has to hold each character of them.
    """
    place, _, own = arm_id.casefold().rpartition("/")
    whole = f"{_place(place)}/{_quoted(own)}"
    limit = TEXT_LIMITS["reference"]
    if len(whole) <= limit:
        return whole
    digest = blake2b(whole.encode(), digest_size=_DIGEST_BYTES).hexdigest()
    return f"azure:{digest}:{whole[len(digest) + 7 - limit :]}"


def _quoted(text: str) -> str:
    """Returns a text in printable ASCII. Most have nothing else, and are many."""
    return text if _AS_IT_IS(text) else quote(text, safe=_PLAIN)


@lru_cache(_PLACES)
def _place(arm_id: str) -> str:
    words = arm_id.strip("/").split("/")
    names = [name for kind, name in zip(words[::2], words[1::2], strict=False) if kind != "providers"]
    # A resource group may have letters of any language, and a reference has none but ASCII.
    return f"azure:{_quoted('/'.join(names))}"
