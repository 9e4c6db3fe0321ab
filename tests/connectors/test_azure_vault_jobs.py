"""What each kind of job of a Recovery Services vault is here: pure, record by record, with the records as they came."""

import json
import os
from pathlib import Path
from typing import Any

import msgspec
import pytest
from fakes.azure.cloud import SUBSCRIPTION, Record, check
from fakes.azure.vaults import models, vault_id, vault_job
from hypothesis import given
from hypothesis import strategies as st

from jobreport.connectors.kinds.azure.records import Resource
from jobreport.connectors.kinds.azure_vault import KIND
from jobreport.connectors.kinds.azure_vault.jobs import job_of
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.model.job import MAX_RAW, TEXT_LIMITS, Job, faults

VAULT = Resource(vault_id("Gold-2026-02-01", "Backups"))
START, END = "2026-03-02T02:00:00.1234567Z", "2026-03-02T03:00:00Z"
WORK = [
    ("AzureIaaSVMJob", "AzureIaasVM", {}, "Backup", "VM", "Backup"),
    ("AzureIaaSVMJobV2", "AzureIaasVM", {}, "Restore", "VM", "Restore"),
    ("AzureIaaSVMJob", "AzureIaasVM", {}, "CrossRegionRestore", "VM", "Restore"),
    ("AzureIaaSVMJob", "AzureIaasVM", {}, "DeleteBackupData", "VM", "HardDelete"),
    ("AzureStorageJob", "AzureStorage", {}, "Backup", "AzureFile", "FileBackup"),
    ("AzureStorageJob", "AzureStorage", {}, "Restore", "AzureFile", "FileRestore"),
    ("AzureWorkloadJob", "AzureWorkload", {"workloadType": "SQLDataBase"}, "Backup (Log)", "AzureSQL", "SQLBackup"),
    ("AzureWorkloadJob", "AzureWorkload", {"workloadType": "SQLDataBase"}, "Restore", "AzureSQL", "SQLRestore"),
    ("AzureWorkloadJob", "AzureWorkload", {"workloadType": "SAPHanaDatabase"}, "Backup (Full)", "Common", "Backup"),
    ("MabJob", "MAB", {"workloadType": "FileFolder"}, "Backup", "FileShare", "FileBackup"),
    ("MabJob", "MAB", {"workloadType": "SystemState"}, "Restore", "FileShare", "FileRestore"),
    ("DpmJob", "DPM", {"workloadType": "VMwareVM"}, "Backup", "VMware", "VMwareBackup"),
    ("DpmJob", "AzureBackupServer", {"workloadType": "VMwareVM"}, "Restore", "VMware", "VMwareRestore"),
    ("DpmJob", "AzureBackupServer", {"workloadType": "SQLDB"}, "Backup", "SQLServer", "SQLServerBackup"),
    ("DpmJob", "DPM", {"workloadType": "SQLDB"}, "Restore", "SQLServer", "SQLServerRestore"),
    ("DpmJob", "DPM", {"workloadType": "VM"}, "Backup", "VM", "Backup"),
    ("DpmJob", "DPM", {"workloadType": "FileFolder"}, "Backup", "FileShare", "FileBackup"),
    ("DpmJob", "DPM", {"workloadType": "Exchange"}, "Backup", "Common", "Backup"),
]


def told(record: Record) -> Job:
    job = job_of(json.dumps(record).encode(), VAULT)
    assert job is not None
    return job


@pytest.mark.parametrize(("kind", "managed", "more", "done", "service", "work"), WORK)
def test_service_and_type_are_those_of_what_is_protected(
    kind: str, managed: str, more: dict[str, str], done: str, service: str, work: str
) -> None:
    record = vault_job(1, START, END, jobType=kind, backupManagementType=managed, operation=done, **more)
    if kind == "AzureIaaSVMJobV2":
        record["properties"].pop("isUserTriggered", None)
    check(record, models.JobResource)
    job = told(record)
    assert (job.service.name, job.type.name) == (service, work)
    assert job.type in KIND.brings[job.service]


@pytest.mark.parametrize("done", ["ConfigureBackup", "Register", "UnRegister", "DisableBackup", "Undelete", "", None])
def test_what_only_sets_up_or_ends_a_protection_is_no_job(done: str | None) -> None:
    record = vault_job(1, START, END, operation=done)
    assert job_of(json.dumps(record).encode(), VAULT) is None


@pytest.mark.parametrize(
    ("status", "state", "counts"),
    [
        ("InProgress", JobState.InProgress, (0, 0, 0)),
        ("Cancelling", JobState.InProgress, (0, 0, 0)),
        ("Completed", JobState.Successful, (0, 1, 1)),
        ("CompletedWithWarnings", JobState.Exception, (1, 0, 1)),
        ("Cancelled", JobState.Stopped, (0, 0, 1)),
        ("Failed", JobState.Failed, (1, 0, 1)),
        ("Half done", JobState.Exception, (1, 0, 1)),
    ],
)
def test_states_and_counts(status: str, state: JobState, counts: tuple[int, int, int]) -> None:
    job = told(vault_job(1, START, END, status=status))
    assert (job.state, (job.failed, job.successful, job.total)) == (state, counts)
    assert ("unknown status 'Half done'" in job.comments) == (status == "Half done")
    assert bool(job.finish) == state.finished


def test_an_end_in_the_year_1_is_none_and_an_unknown_status_without_an_end_is_unfinished() -> None:
    job = told(vault_job(1, START, "0001-01-01T00:00:00Z", status="Halted"))
    assert (job.state, job.finish) == (JobState.InProgress, 0)
    ended = told(vault_job(1, START, "0001-01-01T00:00:00Z"))
    assert (ended.state, ended.finish) == (JobState.Successful, ended.start)
    assert ended.comments == "its origin does not tell when it ended"


def test_it_is_told_why_a_job_is_not_good_and_what_it_is_about() -> None:
    error = {"errorCode": 1054, "errorTitle": "No agent", "errorString": "It is not there", "recommendations": ["Go"]}
    more = {"errorDetails": [error], "extendedInfo": {"dynamicErrorMessage": "Snapshot"}, "isUserTriggered": True}
    record = vault_job(1, START, END, status="Failed", actionsInfo=["Retriable"], **more)
    check(record, models.JobResource)
    job = told(record)
    assert job.comments == "No agent: It is not there (1054)\nGo\nSnapshot"
    assert (job.resource, job.description, job.plan) == ("vm-1", "Backup, vault Gold-2026-02-01", "Gold-2026-02-01")
    share = vault_job(1, START, END, jobType="AzureStorageJob", storageAccountName="files", entityFriendlyName="home")
    assert told(share).resource == "files/home"
    server = vault_job(1, START, END, jobType="MabJob", mabServerName="SRV-1", entityFriendlyName="srv-1")
    assert told(server).resource == "srv-1"


def test_the_name_is_the_same_in_whatever_case_azure_writes_it_and_ends_with_its_own() -> None:
    record = vault_job(1, START, END)
    job, again = told(record), job_of(json.dumps(record).encode(), Resource(VAULT.id.upper()))
    assert again is not None
    assert (again.job_id, again.reference) == (job.job_id, job.reference)
    assert job.job_id == job.reference == f"azure:{SUBSCRIPTION}/backups/gold-2026-02-01/{record['name']}"
    foreign = job_of(json.dumps(record).encode(), Resource(vault_id("v" * 50, "Büro " + "x" * 80)))
    assert foreign is not None
    assert not faults(foreign, {})


def test_the_record_is_kept_as_it_was_sent() -> None:
    sent = json.dumps(vault_job(1, START, END, nobodyKnows={"it": 1}), indent=1)
    job = job_of(sent.encode(), VAULT)
    assert job is not None
    assert job.raw == sent
    long = told(vault_job(1, START, END, nobodyKnows="ä" * MAX_RAW))
    assert len(long.raw.encode()) <= MAX_RAW
    assert msgspec.json.decode(long.raw)["tooLong"].startswith('{"name"')


ANY_JSON = st.recursive(st.none() | st.text(), lambda one: st.lists(one) | st.dictionaries(st.text(), one))


@given(
    st.dictionaries(
        st.sampled_from(["status", "operation", "entityFriendlyName", "endTime", "mabServerName"]),
        st.none() | st.text(max_size=2 * TEXT_LIMITS["resource"]),
    ),
    st.recursive(
        st.none() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    ),
)
def test_no_record_breaks_the_rules_of_a_job(more: dict[str, Any], errors: Any) -> None:
    record = vault_job(1, START, END, **{"operation": "Backup"} | more, errorDetails=errors)
    job = job_of(json.dumps(record).encode(), VAULT)
    if job is None:
        assert not (more.get("operation", "Backup") or "").replace(" ", "").casefold().startswith(("backup", "restore"))
        return
    assert faults(job, {}) == []
    assert job.state is not JobState.Successful or (more.get("status", "Completed") or "").casefold().strip() in {
        "completed",
        "succeeded",
    }


SAMPLES = {
    "GetJobDetails": [(ServiceType.VM, JobType.Backup, JobState.InProgress)],
    "ListJobs": [(ServiceType.VM, JobType.Backup, JobState.InProgress), None],
    "ListJobsWithAllSupportedFilters": [(ServiceType.VM, JobType.Backup, JobState.InProgress)],
    "docs_fileshare_configure_completed": [None],
    "docs_sql_restore_inprogress": [(ServiceType.AzureSQL, JobType.SQLRestore, JobState.InProgress)],
    "recorded_vm_deletebackupdata_completed": [(ServiceType.VM, JobType.HardDelete, JobState.Successful)],
}


@pytest.mark.skipif("JOBREPORT_TEST_SAMPLES" not in os.environ, reason="JOBREPORT_TEST_SAMPLES names no folder")
@pytest.mark.parametrize("name", SAMPLES)
def test_records_of_real_vaults(name: str) -> None:
    file = Path(os.environ.get("JOBREPORT_TEST_SAMPLES", "")) / "azure-recoveryservices" / f"{name}.json"
    document = json.loads(file.read_text("utf-8"))
    body = document["responses"]["200"]["body"] if "responses" in document else document
    jobs = [job_of(json.dumps(one).encode(), VAULT) for one in body.get("value", [body])]
    assert [job and (job.service, job.type, job.state) for job in jobs] == SAMPLES[name]
    assert not any(job and faults(job, {}) for job in jobs)
