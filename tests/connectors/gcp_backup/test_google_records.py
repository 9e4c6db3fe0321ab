"""What entries of Google's log and backup runs of Cloud SQL mean, whatever is in them; pure."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from fakes.google_cloud import EVENTS, JOBS, PROJECT, entry, run
from hypothesis import given, settings
from hypothesis import strategies as st

from jobreport.connectors.base import UnreadableRecordError
from jobreport.connectors.kinds.gcp_backup import KIND
from jobreport.connectors.kinds.gcp_backup.records import event_of, job_of, run_of
from jobreport.contract.job_fields import NAMES
from jobreport.model import ticks
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.model.job import Job, faults
from strategies import NOW


def read(status: str = "SUCCESSFUL", **more: Any) -> Job:
    made = job_of(json.dumps(entry(1, NOW, status, **more)).encode())
    assert faults(made, NAMES) == []
    assert made.type in KIND.brings[made.service]
    return made


def read_run(status: str = "SUCCESSFUL", **more: Any) -> Job | None:
    made = run_of(json.dumps(run(1, NOW, status, **more)).encode(), PROJECT)
    assert made is None or faults(made, NAMES) == []
    return made


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("RUNNING", JobState.InProgress),
        ("SUCCESSFUL", JobState.Successful),
        ("successful", JobState.Successful),
        ("FAILED", JobState.Failed),
        ("SKIPPED", JobState.Skipped),
        ("MELTED", JobState.Exception),
        ("", JobState.Exception),
    ],
)
def test_each_entry_is_the_job_as_it_was_then(status: str, state: JobState) -> None:
    job = read(status)
    assert (job.state, job.start, job.total) == (state, NOW, int(state.finished))
    assert job.observed == NOW + (1200 if state.finished else 1) * ticks.PER_SECOND
    assert job.comments == ("" if status.upper() in {"RUNNING", "SUCCESSFUL", "FAILED", "SKIPPED"} else job.comments)
    assert state is not JobState.Exception or f"unknown status {status!r}" in job.comments


@pytest.mark.parametrize(
    ("more", "codes"),
    [
        ({}, (ServiceType.GoogleCloud, JobType.GoogleVMBackup)),
        ({"jobCategory": "RESTORE"}, (ServiceType.GoogleCloud, JobType.GoogleVMRestore)),
        ({"resourceType": "compute.googleapis.com/Disk"}, (ServiceType.GoogleCloud, JobType.GoogleVMBackup)),
        ({"resourceType": "", "jobCategory": "ON_DEMAND_BACKUP"}, (ServiceType.GoogleCloud, JobType.GoogleVMBackup)),
        ({"resourceType": "Filestore Instance"}, (ServiceType.FileShare, JobType.FileBackup)),
        (
            {"resourceType": "sqladmin.googleapis.com/Instance", "sourceResourceName": "projects/p/instances/orders"},
            (ServiceType.Common, JobType.Backup),
        ),
        (
            {"resourceType": "AlloyDB", "sourceResourceName": "", "jobCategory": "POINT_IN_TIME_RESTORE"},
            (ServiceType.Common, JobType.Restore),
        ),
        ({"jobCategory": "NEWEST_THING"}, (ServiceType.Common, JobType.Report)),
    ],
)
def test_service_and_type_do_not_depend_on_how_a_type_is_spelled(
    more: dict[str, str], codes: tuple[ServiceType, JobType]
) -> None:
    job = read(**more)
    assert (job.service, job.type) == codes
    assert ("unknown category" in job.comments) == (job.type is JobType.Report)


def test_a_job_says_whose_it_is_what_it_is_about_and_why_it_failed() -> None:
    job = read("FAILED", errorCode=7, errorType="PERMISSION_DENIED", errorMessage="it lacks a right")
    assert job.job_id == job.reference == f"gcp:{PROJECT}:j-1"
    assert (job.plan, job.resource, job.description) == ("daily", "vm-1", "Scheduled backup, vault-1")
    assert job.comments == "PERMISSION_DENIED: it lacks a right"
    assert read(incrementalBackupSizeGib=1.25).size == 1_342_177_280
    assert json.loads(job.raw)["insertId"] == "i-1-FAILED"


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("ENQUEUED", JobState.Waiting),
        ("OVERDUE", JobState.NotStarted),
        ("RUNNING", JobState.InProgress),
        ("SUCCESSFUL", JobState.Successful),
        ("FAILED", JobState.Failed),
        ("SKIPPED", JobState.Skipped),
        ("MELTED", JobState.InProgress),
    ],
)
def test_a_backup_run_of_cloud_sql_is_a_job(status: str, state: JobState) -> None:
    job = read_run(status)
    assert job is not None
    assert (job.state, job.service, job.type) == (state, ServiceType.Common, JobType.Backup)
    assert (job.resource, job.plan, job.job_id) == ("orders", "automated", f"gcp-sql:{PROJECT}:orders:1579605933819")
    assert job.start == NOW - (3600 * ticks.PER_SECOND if status == "OVERDUE" else 0)


@pytest.mark.parametrize("status", ["DELETION_PENDING", "DELETION_FAILED", "DELETED"])
def test_a_run_that_is_to_be_deleted_tells_no_more_how_it_ended(status: str) -> None:
    assert read_run(status) is None


def test_an_error_of_a_run_is_told() -> None:
    job = read_run("FAILED", error={"kind": "sql#operationError", "code": "INTERNAL", "message": "no disk"})
    assert job is not None
    assert job.comments == "INTERNAL: no disk"


def test_an_event_of_an_appliance_is_a_job_that_failed() -> None:
    told = {"jobName": "Job_0110906c", "appName": "vm-2", "appType": "GCPInstance", "errorMessage": "no details"}
    raw = entry(1, NOW, log=EVENTS) | {"jsonPayload": told}
    job = event_of(json.dumps(raw).encode())
    assert (job.state, job.service, job.type) == (JobState.Failed, ServiceType.GoogleCloud, JobType.GoogleVMBackup)
    assert (job.resource, job.comments, faults(job, NAMES)) == ("vm-2", "no details", [])


@pytest.mark.parametrize(
    "raw",
    [b"7", b"{}", b'{"jsonPayload": 7}', json.dumps(entry(1, NOW, jobId=7)).encode(), b"\xff"],
)
def test_an_entry_that_is_another_thing_is_refused(raw: bytes) -> None:
    with pytest.raises(UnreadableRecordError):
        job_of(raw)


_texts = st.sampled_from(["", "SUCCESSFUL", "FAILED", "RESTORE", "2026-11-22T02:00:00.250293393Z", "never", "x" * 300])
_MEMBERS = ("jobStatus", "jobCategory", "resourceType", "sourceResourceName", "startTime", "endTime", "errorMessage")


@settings(max_examples=50)
@given(st.dictionaries(st.sampled_from(_MEMBERS), _texts | st.text(max_size=20), max_size=6))
def test_whatever_is_in_an_entry_its_job_can_be_stored(more: dict[str, str]) -> None:
    job = read(**more)
    assert job.state is not JobState.Successful or more.get("jobStatus", "SUCCESSFUL").strip().upper() == "SUCCESSFUL"


@pytest.mark.skipif("JOBREPORT_TEST_SAMPLES" not in os.environ, reason="JOBREPORT_TEST_SAMPLES names no folder")
def test_published_examples_are_read() -> None:
    folder = Path(os.environ.get("JOBREPORT_TEST_SAMPLES", "")) / "gcp"
    told = {path.name: json.loads(path.read_text(encoding="utf-8")) for path in folder.glob("*.json")}
    found: list[Job | None] = []
    for name, one in sorted(told.items()):
        for record in one.get("entries", [one]):
            raw = json.dumps(record).encode()
            if name.startswith("sql"):
                found.append(run_of(raw, "project-id"))
            else:
                found.append(job_of(raw) if JOBS in record["logName"] else event_of(raw))
    assert [job and (job.state.name, job.type.name, job.resource, faults(job, NAMES)) for job in found] == [
        ("Failed", "GoogleVMBackup", "instance-2", []),
        ("Failed", "GoogleVMBackup", "vm-1", []),
        ("InProgress", "GoogleVMBackup", "vm-1", []),
        ("Successful", "GoogleVMBackup", "vm-1", []),
        ("Successful", "Backup", "instance-id", []),
    ]
