"""The tables from which sample jobs are drawn: what companies protect, how often, how long, and what goes wrong."""

from typing import Final

import msgspec

from jobreport.model.catalog import JobType, ServiceType


class Kind(msgspec.Struct, frozen=True):
    """A service and a type of job on it. `weight` says how often it occurs, relative to the other kinds; `minutes` and
    `objects` are typical values; `things` are the names of its resources.
    """

    service: ServiceType
    type: JobType
    weight: int
    minutes: int
    objects: int
    things: str


_S, _T = ServiceType, JobType

NIGHTLY: Final = (
    Kind(_S.VM, _T.Backup, 30, 22, 4, "vm"),
    Kind(_S.FileShare, _T.FileBackup, 16, 35, 4200, "share"),
    Kind(_S.AzureFile, _T.FileBackup, 8, 18, 900, "afs"),
    Kind(_S.BlobStorage, _T.FileBackup, 8, 26, 2600, "blob"),
    Kind(_S.AAD, _T.AADBackup, 5, 9, 1400, "entra"),
    Kind(_S.AKS, _T.AKSBackup, 5, 14, 120, "aks"),
    Kind(_S.APSetting, _T.APSettingBackup, 3, 4, 260, "portal"),
    Kind(_S.AmazonEC2, _T.EC2Backup, 9, 17, 3, "ec2"),
    Kind(_S.AzureSQL, _T.SQLBackup, 9, 12, 1, "sql"),
    Kind(_S.AzureDevOps, _T.DevOpsBackup, 4, 20, 310, "devops"),
    Kind(_S.AzureSQLDatabase, _T.AzureSQLDatabaseBackup, 6, 11, 1, "sqldb"),
    Kind(_S.AzureADB2C, _T.AzureADB2CBackup, 2, 8, 700, "b2c"),
    Kind(_S.GoogleCloud, _T.GoogleVMBackup, 5, 19, 3, "gce"),
    Kind(_S.AWSSetting, _T.AWSSettingBackup, 2, 5, 180, "aws"),
    Kind(_S.SQLServer, _T.SQLServerBackup, 8, 25, 6, "mssql"),
    Kind(_S.VMware, _T.VMwareBackup, 12, 28, 5, "esx"),
    Kind(_S.GoogleCloudStorage, _T.GoogleCloudStorageBackup, 4, 15, 1900, "gcs"),
    Kind(_S.CosmosDB, _T.CosmosDBBackup, 3, 13, 12, "cosmos"),
    Kind(_S.AzurePostgreSQL, _T.AzurePostgreSQLBackup, 4, 16, 8, "pg"),
    Kind(_S.AmazonS3, _T.AmazonS3Backup, 6, 24, 5100, "s3"),
    Kind(_S.EntraExternalID, _T.EntraExternalIDBackup, 2, 7, 640, "ciam"),
)
"""The backups that run automatically at night."""

BY_HAND: Final = (
    Kind(_S.VM, _T.Restore, 8, 40, 1, "vm"),
    Kind(_S.VM, _T.VMFileRestore, 10, 6, 14, "vm"),
    Kind(_S.VM, _T.Export, 3, 55, 1, "vm"),
    Kind(_S.FileShare, _T.FileRestore, 14, 5, 22, "share"),
    Kind(_S.FileShare, _T.FileExport, 4, 12, 160, "share"),
    Kind(_S.AAD, _T.AADRestore, 6, 4, 9, "entra"),
    Kind(_S.AAD, _T.AADExport, 3, 7, 1400, "entra"),
    Kind(_S.AAD, _T.AADCompare, 5, 3, 1400, "entra"),
    Kind(_S.AKS, _T.AKSRestore, 3, 12, 40, "aks"),
    Kind(_S.APSetting, _T.APSettingRestore, 2, 3, 11, "portal"),
    Kind(_S.APSetting, _T.APSettingExport, 2, 2, 260, "portal"),
    Kind(_S.AmazonEC2, _T.EC2Restore, 4, 25, 1, "ec2"),
    Kind(_S.AzureSQL, _T.SQLRestore, 4, 18, 1, "sql"),
    Kind(_S.AzureDevOps, _T.DevOpsRestore, 2, 9, 3, "devops"),
    Kind(_S.AzureSQLDatabase, _T.AzureSQLDatabaseRestore, 3, 15, 1, "sqldb"),
    Kind(_S.AzureADB2C, _T.AzureADB2CRestore, 1, 4, 6, "b2c"),
    Kind(_S.GoogleCloud, _T.GoogleVMRestore, 2, 24, 1, "gce"),
    Kind(_S.GoogleCloud, _T.GoogleVMExport, 1, 38, 1, "gce"),
    Kind(_S.AWSSetting, _T.AWSSettingRestore, 1, 3, 5, "aws"),
    Kind(_S.SQLServer, _T.SQLServerRestore, 4, 30, 1, "mssql"),
    Kind(_S.VMware, _T.VMwareRestore, 5, 35, 1, "esx"),
    Kind(_S.GoogleCloudStorage, _T.GoogleCloudStorageRestore, 2, 6, 30, "gcs"),
    Kind(_S.GoogleCloudStorage, _T.GoogleCloudStorageExport, 1, 9, 200, "gcs"),
    Kind(_S.CosmosDB, _T.CosmosDBRestore, 1, 14, 2, "cosmos"),
    Kind(_S.AzurePostgreSQL, _T.AzurePostgreSQLRestore, 2, 17, 1, "pg"),
    Kind(_S.AmazonS3, _T.AmazonS3Restore, 3, 8, 45, "s3"),
    Kind(_S.EntraExternalID, _T.EntraExternalIDRestore, 1, 4, 5, "ciam"),
    Kind(_S.EntraExternalID, _T.EntraExternalIDExport, 1, 6, 640, "ciam"),
)
"""The jobs that people start during working hours."""

UPKEEP: Final = (
    Kind(_S.Common, _T.Retention, 14, 6, 30, "upkeep"),
    Kind(_S.Common, _T.Report, 8, 1, 1, "upkeep"),
    Kind(_S.Common, _T.Initialize, 2, 2, 1, "upkeep"),
    Kind(_S.Common, _T.LicenseSync, 8, 1, 1, "upkeep"),
    Kind(_S.Common, _T.AOSUpdate, 1, 15, 1, "upkeep"),
    Kind(_S.Common, _T.ExportCleanUp, 4, 3, 8, "upkeep"),
    Kind(_S.Common, _T.SoftDelete, 2, 2, 4, "upkeep"),
    Kind(_S.Common, _T.HardDelete, 2, 4, 4, "upkeep"),
    Kind(_S.Common, _T.DataDeletion, 2, 9, 12, "upkeep"),
    Kind(_S.VM, _T.VMSync, 8, 3, 60, "vm"),
    Kind(_S.VM, _T.GenIndex, 6, 8, 1, "vm"),
    Kind(_S.FileShare, _T.FileSync, 8, 4, 300, "share"),
    Kind(_S.AKS, _T.AKSSync, 4, 2, 20, "aks"),
    Kind(_S.APSetting, _T.APSettingSync, 3, 2, 30, "portal"),
    Kind(_S.AzureSQL, _T.SQLSync, 4, 2, 10, "sql"),
    Kind(_S.GoogleCloud, _T.GoogleVMGenIndex, 3, 7, 1, "gce"),
)
"""Maintenance jobs, which run at any hour."""

EXPIRED: Final = "authentication failed: the client secret has expired"
FAILURES: Final = (
    "the target could not be reached: connection timed out after 30 s",
    EXPIRED,
    "no space left on the target",
    "the snapshot could not be taken: another snapshot is in progress",
    "access denied to the source",
    "the repository is locked by another run",
    "throttled by the provider: too many requests; gave up after 5 tries",
)
EXCEPTIONS: Final = (
    "some objects could not be read: permission denied",
    "some objects changed while they were read",
    "some objects vanished before they were read",
    "some paths are longer than the target allows",
)
PLACES: Final = ("berlin", "dublin", "lyon", "oslo", "porto", "turin", "vienna", "zurich")
ROLES: Final = ("app", "build", "crm", "erp", "files", "hr", "mail", "shop", "web", "wiki")
