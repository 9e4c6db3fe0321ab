"""What each job of a Backup vault is here: pure, record by record."""

import json
import os
from pathlib import Path

import pytest
from fakes.azure.backup_vaults import models, vault_id, vault_job
from fakes.azure.cloud import Record, check

from jobreport.connectors.kinds.azure.records import Resource
from jobreport.connectors.kinds.azure_backup_vault import KIND
from jobreport.connectors.kinds.azure_backup_vault.jobs import job_of
from jobreport.model.catalog import JobState
from jobreport.model.job import Job, faults

VAULT = Resource(vault_id("gold"))
START, END = "2026-03-02T02:00:00.1234567Z", "2026-03-02T03:00:00Z"
POSTGRES = "Microsoft.DBforPostgreSQL"
SOURCES = [
    ("Microsoft.ContainerService/managedClusters", "AKS", "AKSBackup", "AKSRestore"),
    ("Microsoft.Storage/storageAccounts/blobServices", "BlobStorage", "FileBackup", "FileRestore"),
    ("Microsoft.Compute/disks", "VM", "Backup", "Restore"),
    (f"{POSTGRES}/flexibleServers", "AzurePostgreSQL", "AzurePostgreSQLBackup", "AzurePostgreSQLRestore"),
    (f"{POSTGRES}/servers/databases", "AzurePostgreSQL", "AzurePostgreSQLBackup", "AzurePostgreSQLRestore"),
    ("Microsoft.DBforMySQL/flexibleServers", "Common", "Backup", "Restore"),
]


def told(record: Record) -> Job:
    check(record, models.AzureBackupJobResource)
    job = job_of(json.dumps(record).encode(), VAULT)
    assert job is not None
    assert not faults(job, {})
    return job


@pytest.mark.parametrize(("source", "service", "backup", "restore"), SOURCES)
def test_service_and_type_are_those_of_the_data_source(source: str, service: str, backup: str, restore: str) -> None:
    for done, kind in (("Backup", backup), ("Restore", restore), ("Tiering", backup)):
        job = told(vault_job(1, START, END, dataSourceType=source, operation=done, operationCategory=done))
        assert (job.service.name, job.type.name) == (service, kind)
        assert job.type in KIND.brings[job.service]


@pytest.mark.parametrize(
    ("status", "state", "counts"),
    [
        ("Started", JobState.InProgress, (0, 0, 0)),
        ("InProgress", JobState.InProgress, (0, 0, 0)),
        ("Cancelling", JobState.InProgress, (0, 0, 0)),
        ("Paused", JobState.Waiting, (0, 0, 0)),
        ("Completed", JobState.Successful, (0, 1, 1)),
        ("Succeeded", JobState.Successful, (0, 1, 1)),
        ("CompletedWithWarnings", JobState.Exception, (1, 0, 1)),
        ("Cancelled", JobState.Stopped, (0, 0, 1)),
        ("Failed", JobState.Failed, (1, 0, 1)),
        ("Splendid", JobState.Exception, (1, 0, 1)),
    ],
)
def test_states_and_counts(status: str, state: JobState, counts: tuple[int, int, int]) -> None:
    job = told(vault_job(1, START, END, status=status))
    assert (job.state, (job.failed, job.successful, job.total)) == (state, counts)
    assert job.comments == ("unknown status 'Splendid' of its origin" if status == "Splendid" else "")


def test_what_is_only_managed_is_no_job_and_a_category_that_nobody_knows_is_told() -> None:
    assert job_of(json.dumps(vault_job(1, START, END, operationCategory="Management")).encode(), VAULT) is None
    assert told(vault_job(1, START, END, operationCategory="Moving")).comments == (
        "unknown category 'Moving' of its origin"
    )


def test_it_is_told_why_a_job_is_not_good_and_what_it_is_about() -> None:
    error = {"code": "UserErrorX", "message": "No snapshot", "recommendedAction": ["Make room"], "isRetryable": True}
    warning = {"resourceName": "shop", "warning": {"code": "W", "message": "a hook failed"}}
    job = told(
        vault_job(
            1,
            START,
            END,
            status="Failed",
            errorDetails=[error],
            extendedInfo={"warningDetails": [warning]},
            dataSourceSetName="cluster",
        )
    )
    assert job.comments == "No snapshot (UserErrorX)\nMake room\nshop: a hook failed (W)"
    assert (job.resource, job.description, job.plan) == ("cluster/disk-1", "Backup, vault gold", "daily")
    tiered = vault_job(1, START, END, operationCategory="Tiering", destinationDataStoreName="ArchiveStore")
    assert told(tiered).description == "tier to ArchiveStore, vault gold"


SAMPLES = {
    "GetJob": [("AzurePostgreSQL", "AzurePostgreSQLBackup", "InProgress")],
    "ListJobs": [("AzurePostgreSQL", "AzurePostgreSQLBackup", state) for state in 3 * ["InProgress"] + ["Successful"]],
    "docs_blob_restore_completed": [("BlobStorage", "FileRestore", "Successful")],
    "recorded_blob_backup_completed_list_item": [("BlobStorage", "FileBackup", "Successful")],
    "recorded_disk_backup_completed_list_item": [("VM", "Backup", "Successful")],
}


@pytest.mark.skipif("JOBREPORT_TEST_SAMPLES" not in os.environ, reason="JOBREPORT_TEST_SAMPLES names no folder")
@pytest.mark.parametrize("name", SAMPLES)
def test_records_of_real_vaults(name: str) -> None:
    file = Path(os.environ.get("JOBREPORT_TEST_SAMPLES", "")) / "azure-dataprotection" / f"{name}.json"
    document = json.loads(file.read_text("utf-8"))
    body = document["responses"]["200"]["body"] if "responses" in document else document
    found = []
    for one in body.get("value", [body]):
        job = job_of(json.dumps(one).encode(), VAULT)
        assert job is not None
        assert not faults(job, {})
        found.append((job.service.name, job.type.name, job.state.name))
    assert found == SAMPLES[name]
