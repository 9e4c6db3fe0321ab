"""The codes of the contract: services, job types and job states, and their names for people."""

from enum import IntEnum
from typing import Final


class ServiceType(IntEnum):
    """The kind of thing that a job protects (the contract's `ProductModel`). Generation 1 has the codes up to 1024."""

    VM = 1
    AAD = 2
    AzureFile = 4
    FileShare = 8
    BlobStorage = 16
    AKS = 32
    APSetting = 64
    Common = 128
    AmazonEC2 = 256
    AzureSQL = 512
    AzureDevOps = 1024
    AzureSQLDatabase = 2048
    AzureADB2C = 4096
    GoogleCloud = 8192
    AWSSetting = 16384
    SQLServer = 20000
    VMware = 21000
    GoogleCloudStorage = 23000
    CosmosDB = 24000
    AzurePostgreSQL = 25000
    AmazonS3 = 26000
    EntraExternalID = 27000


class JobType(IntEnum):
    """The work that a job does. The codes are not bit masks. Generation 1 only knows those in `GENERATION_1_TYPES`."""

    Backup = 1
    Restore = 2
    Export = 4
    Report = 8
    VMSync = 16
    Initialize = 32
    GenIndex = 33
    AADCompare = 34
    Retention = 64
    AADBackup = 128
    AADRestore = 256
    AADExport = 257
    FileSync = 512
    FileBackup = 1024
    FileRestore = 2048
    FileExport = 4096
    LicenseSync = 8192
    AOSUpdate = 16384
    AKSBackup = 20000
    AKSSync = 20001
    AKSRestore = 20002
    APSettingBackup = 20003
    APSettingExport = 20004
    APSettingSync = 20005
    APSettingRestore = 20006
    ExportCleanUp = 20007
    EC2Backup = 20009
    EC2Restore = 20010
    SQLSync = 20011
    SQLBackup = 20012
    SQLRestore = 20013
    DevOpsBackup = 20014
    DevOpsRestore = 20015
    AzureSQLDatabaseBackup = 20016
    AzureSQLDatabaseRestore = 20017
    VMFileRestore = 20018
    AzureADB2CBackup = 20019
    AzureADB2CRestore = 20020
    GoogleVMBackup = 20022
    GoogleVMRestore = 20023
    GoogleVMGenIndex = 20024
    GoogleVMExport = 20025
    SoftDelete = 30000
    HardDelete = 30001
    DataDeletion = 30003
    AWSSettingBackup = 40000
    AWSSettingRestore = 40001
    SQLServerBackup = 60000
    SQLServerRestore = 60001
    VMwareBackup = 60010
    VMwareRestore = 60011
    AzurePostgreSQLBackup = 60100
    AzurePostgreSQLRestore = 60101
    GoogleCloudStorageBackup = 70010
    GoogleCloudStorageRestore = 70011
    GoogleCloudStorageExport = 70012
    CosmosDBBackup = 80000
    CosmosDBRestore = 80010
    EntraExternalIDBackup = 90000
    EntraExternalIDRestore = 90001
    EntraExternalIDExport = 90002
    AmazonS3Backup = 90110
    AmazonS3Restore = 90120


class JobState(IntEnum):
    """The state of a job (the contract's `CommonStatus`)."""

    NotStarted = 0
    InProgress = 1
    Successful = 2
    Skipped = 4
    Exception = 8
    Failed = 16
    Waiting = 32
    Stopped = 64

    @property
    def finished(self) -> bool:
        """Whether a job in this state has ended."""
        return self._value_ not in _UNFINISHED


UNFINISHED: Final = frozenset({JobState.NotStarted, JobState.InProgress, JobState.Waiting})
_UNFINISHED: Final = frozenset(state.value for state in UNFINISHED)  # a member of an enumeration has a slow hash
NOT_GOOD: Final = frozenset({JobState.Exception, JobState.Failed, JobState.Stopped})
"""The states of a job that ended without doing all its work. A skipped job is neither good nor not: it had nothing to
do."""

GENERATION_1_SERVICES: Final = tuple(service for service in ServiceType if service <= 1024)

_TYPES_OF_GENERATION_2: Final = frozenset(
    {
        *range(JobType.AzureSQLDatabaseBackup, JobType.GoogleVMExport + 1),
        *range(JobType.DataDeletion, JobType.AmazonS3Restore + 1),
    }
)
GENERATION_1_TYPES: Final = tuple(kind for kind in JobType if kind not in _TYPES_OF_GENERATION_2)

STATE_LABELS: Final[dict[JobState, str]] = {
    JobState.NotStarted: "Not started",
    JobState.InProgress: "In progress",
    JobState.Successful: "Successful",
    JobState.Skipped: "Skipped",
    JobState.Exception: "Finished with exceptions",
    JobState.Failed: "Failed",
    JobState.Waiting: "Waiting",
    JobState.Stopped: "Stopped",
}

# The publisher's name if its page has one; otherwise the product's own name.
SERVICE_LABELS: Final[dict[ServiceType, str]] = {
    ServiceType.VM: "Azure Virtual Machine",
    ServiceType.AAD: "Microsoft Entra ID",
    ServiceType.AzureFile: "Azure Storage",
    ServiceType.FileShare: "File share",
    ServiceType.BlobStorage: "Blob storage",
    ServiceType.AKS: "Kubernetes",
    ServiceType.APSetting: "Admin Portal Settings",
    ServiceType.Common: "Common",
    ServiceType.AmazonEC2: "Amazon EC2",
    ServiceType.AzureSQL: "Azure SQL",
    ServiceType.AzureDevOps: "Azure DevOps",
    ServiceType.AzureSQLDatabase: "Azure SQL Database",
    ServiceType.AzureADB2C: "Azure AD B2C",
    ServiceType.GoogleCloud: "Google Cloud",
    ServiceType.AWSSetting: "AWS platform configurations",
    ServiceType.SQLServer: "SQL Server",
    ServiceType.VMware: "VMware",
    ServiceType.GoogleCloudStorage: "Google Cloud Storage",
    ServiceType.CosmosDB: "Azure Cosmos DB",
    ServiceType.AzurePostgreSQL: "Azure Database for PostgreSQL",
    ServiceType.AmazonS3: "Amazon S3",
    ServiceType.EntraExternalID: "Entra External ID",
}
