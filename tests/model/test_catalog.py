"""The contract's codes, written out here once more so that a slip in the catalogue shows."""

import pytest

from jobreport.model.catalog import (
    GENERATION_1_SERVICES,
    GENERATION_1_TYPES,
    SERVICE_LABELS,
    STATE_LABELS,
    UNFINISHED,
    JobState,
    JobType,
    ServiceType,
)

SERVICES_1 = """VM 1, AAD 2, AzureFile 4, FileShare 8, BlobStorage 16, AKS 32, APSetting 64, Common 128, AmazonEC2 256,
AzureSQL 512, AzureDevOps 1024"""

SERVICES_2 = """AzureSQLDatabase 2048, AzureADB2C 4096, GoogleCloud 8192, AWSSetting 16384, SQLServer 20000,
VMware 21000, GoogleCloudStorage 23000, CosmosDB 24000, AzurePostgreSQL 25000, AmazonS3 26000, EntraExternalID 27000"""

TYPES_1 = """Backup 1, Restore 2, Export 4, Report 8, VMSync 16, Initialize 32, GenIndex 33, AADCompare 34,
Retention 64, AADBackup 128, AADRestore 256, AADExport 257, FileSync 512, FileBackup 1024, FileRestore 2048,
FileExport 4096, LicenseSync 8192, AOSUpdate 16384, AKSBackup 20000, AKSSync 20001, AKSRestore 20002,
APSettingBackup 20003, APSettingExport 20004, APSettingSync 20005, APSettingRestore 20006, ExportCleanUp 20007,
EC2Backup 20009, EC2Restore 20010, SQLSync 20011, SQLBackup 20012, SQLRestore 20013, DevOpsBackup 20014,
DevOpsRestore 20015, SoftDelete 30000, HardDelete 30001"""

TYPES_2 = """AzureSQLDatabaseBackup 20016, AzureSQLDatabaseRestore 20017, VMFileRestore 20018, AzureADB2CBackup 20019,
AzureADB2CRestore 20020, GoogleVMBackup 20022, GoogleVMRestore 20023, GoogleVMGenIndex 20024, GoogleVMExport 20025,
DataDeletion 30003, AWSSettingBackup 40000, AWSSettingRestore 40001, SQLServerBackup 60000, SQLServerRestore 60001,
VMwareBackup 60010, VMwareRestore 60011, AzurePostgreSQLBackup 60100, AzurePostgreSQLRestore 60101,
GoogleCloudStorageBackup 70010, GoogleCloudStorageRestore 70011, GoogleCloudStorageExport 70012, CosmosDBBackup 80000,
CosmosDBRestore 80010, EntraExternalIDBackup 90000, EntraExternalIDRestore 90001, EntraExternalIDExport 90002,
AmazonS3Backup 90110, AmazonS3Restore 90120"""

STATES = """NotStarted 0, InProgress 1, Successful 2, Skipped 4, Exception 8, Failed 16, Waiting 32, Stopped 64"""


def codes(listed: str) -> dict[str, int]:
    return {name: int(code) for name, code in (pair.split() for pair in listed.split(","))}


@pytest.mark.parametrize(
    ("members", "listed"),
    [
        (GENERATION_1_SERVICES, SERVICES_1),
        (ServiceType, f"{SERVICES_1}, {SERVICES_2}"),
        (GENERATION_1_TYPES, TYPES_1),
        (JobType, f"{TYPES_1}, {TYPES_2}"),
        (JobState, STATES),
    ],
    ids=["services of generation 1", "services", "types of generation 1", "types", "states"],
)
def test_the_catalogue_has_exactly_the_codes_of_the_contract(members: object, listed: str) -> None:
    assert {member.name: member.value for member in members} == codes(listed)


def test_generation_1_has_11_services_and_35_types() -> None:
    assert (len(GENERATION_1_SERVICES), len(GENERATION_1_TYPES)) == (11, 35)


def test_only_a_job_not_started_waiting_or_in_progress_is_unfinished() -> None:
    assert {JobState.NotStarted, JobState.Waiting, JobState.InProgress} == UNFINISHED
    assert [state for state in JobState if state.finished] == [
        JobState.Successful,
        JobState.Skipped,
        JobState.Exception,
        JobState.Failed,
        JobState.Stopped,
    ]


def test_every_service_and_state_has_a_label_of_its_own() -> None:
    assert set(SERVICE_LABELS) == set(ServiceType)
    assert set(STATE_LABELS) == set(JobState)
    for labels in (list(SERVICE_LABELS.values()), list(STATE_LABELS.values())):
        assert len(set(labels)) == len(labels)
        assert all(labels)
