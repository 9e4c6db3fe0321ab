"""What a record of AWS Backup's lists means, whatever is in it; pure, without the SDK."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from fakes.aws.aws_records import ACCOUNT, REGION, backup, copy, job_name, report, restore
from hypothesis import given
from hypothesis import strategies as st

from jobreport.connectors.kinds.aws_backup import KIND
from jobreport.connectors.kinds.aws_backup.lists import LISTS, List
from jobreport.connectors.kinds.aws_backup.records import UnreadableRecordError, job_of
from jobreport.contract.job_fields import NAMES
from jobreport.model import ticks
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.model.job import Job, faults
from strategies import NOW

BACKUPS, COPIES, RESTORES, REPORTS = LISTS.values()


def read(record: dict[str, Any], which: List = BACKUPS) -> Job:
    return job_of(record, json.dumps(record), which, REGION)


@pytest.mark.parametrize(
    ("state", "meant"),
    [
        ("CREATED", JobState.NotStarted),
        ("PENDING", JobState.Waiting),
        ("RUNNING", JobState.InProgress),
        ("ABORTING", JobState.InProgress),
        ("ABORTED", JobState.Stopped),
        ("COMPLETED", JobState.Successful),
        ("completed", JobState.Successful),
        ("PARTIAL", JobState.Exception),
        ("FAILED", JobState.Failed),
        ("EXPIRED", JobState.Failed),
    ],
)
def test_a_state_is_what_aws_means_by_it(state: str, meant: JobState) -> None:
    job = read(backup(1, NOW, state))
    good, failed = meant is JobState.Successful, meant in {JobState.Exception, JobState.Failed}
    assert (job.state, job.successful, job.failed, job.total) == (meant, good, failed, meant.finished)
    assert job.finish == (NOW + 600 * ticks.PER_SECOND if meant.finished else 0)


@pytest.mark.parametrize(
    ("more", "comments"),
    [
        ({"MessageCategory": "VSS_ERROR"}, "VSS_ERROR"),
        ({"MessageCategory": "VSS_ERROR", "StatusMessage": "Windows VSS failed"}, "Windows VSS failed\nVSS_ERROR"),
        ({"StatusMessage": "Windows VSS failed"}, "Windows VSS failed"),
        ({"State": "MELTED"}, "unknown state 'MELTED' of AWS Backup"),
        ({"State": ""}, "unknown state '' of AWS Backup"),
    ],
)
def test_completed_with_issues_and_an_unknown_state_are_no_success(more: dict[str, str], comments: str) -> None:
    job = read(backup(1, NOW, **more))
    assert (job.state, job.comments, job.failed) == (JobState.Exception, comments, 1)


def test_an_unknown_state_of_a_job_that_has_not_ended_is_told_and_it_goes_on() -> None:
    job = read(backup(1, NOW, "RUNNING", State="MELTING"))
    assert (job.state, job.comments) == (JobState.InProgress, "unknown state 'MELTING' of AWS Backup")


@pytest.mark.parametrize(
    ("validation", "state"),
    [
        ("SUCCESSFUL", JobState.Successful),
        ("VALIDATING", JobState.InProgress),
        ("FAILED", JobState.Exception),
        ("TIMED_OUT", JobState.Exception),
        ("GUESSED", JobState.Exception),
    ],
)
def test_a_restore_test_is_judged_by_its_validation(validation: str, state: JobState) -> None:
    plan = f"arn:aws:backup:{REGION}:{ACCOUNT}:restore-testing-plan:monthly-3f2a"
    more = {"ValidationStatus": validation, "CreatedBy": {"RestoreTestingPlanArn": plan}}
    job = read(restore(1, NOW, ValidationStatusMessage="the page was empty", **more), RESTORES)
    assert (job.state, job.description, job.plan) == (state, "restore test", "monthly-3f2a")
    good = state is JobState.Successful
    assert job.comments == ("" if good else f"the validation is {validation}\nthe page was empty")


def test_a_job_says_whose_it_is_what_it_is_about_and_what_aws_said() -> None:
    record = backup(7, NOW) | {"Brand": {"new": [1]}}
    job = read(record)
    assert job.job_id == job.reference == f"aws:{ACCOUNT}:{REGION}:{job_name(7)}"
    assert (job.service, job.type) == (ServiceType.AmazonEC2, JobType.EC2Backup)
    assert (job.plan, job.resource, job.description, job.size) == (
        "nightly",
        "db-7",
        "backup to Default",
        3_221_225_472,
    )
    assert json.loads(job.raw) == record
    copied = read(copy(7, NOW), COPIES)
    assert (copied.type, copied.description, copied.resource) == (JobType.EC2Backup, "copy to Abroad", "db-7")
    restored = read(restore(7, NOW), RESTORES)
    assert (restored.service, restored.type) == (ServiceType.FileShare, JobType.FileRestore)
    assert (restored.resource, restored.description) == ("fs-00000007", "restore")
    reported = read(report(7, NOW), REPORTS)
    assert (reported.service, reported.type) == (ServiceType.Common, JobType.Report)
    assert (reported.plan, reported.resource) == ("daily_jobs-8a31", "audit-reports")
    assert (reported.description, reported.job_id) == ("BACKUP_JOB_REPORT", job.job_id)


@pytest.mark.parametrize(
    ("kind", "codes"),
    [
        ("EC2", (ServiceType.AmazonEC2, JobType.EC2Backup, JobType.EC2Restore)),
        ("VirtualMachine", (ServiceType.VM, JobType.Backup, JobType.Restore)),
        ("FSx", (ServiceType.FileShare, JobType.FileBackup, JobType.FileRestore)),
        ("S3", (ServiceType.AmazonS3, JobType.AmazonS3Backup, JobType.AmazonS3Restore)),
        ("EKS", (ServiceType.Common, JobType.Backup, JobType.Restore)),
        ("Aurora", (ServiceType.Common, JobType.Backup, JobType.Restore)),
        ("Newest Thing", (ServiceType.Common, JobType.Backup, JobType.Restore)),
    ],
)
def test_service_and_type_come_of_the_resource_type(kind: str, codes: tuple[ServiceType, JobType, JobType]) -> None:
    saved, restored = read(backup(1, NOW, ResourceType=kind)), read(restore(1, NOW, ResourceType=kind), RESTORES)
    assert (saved.service, saved.type, restored.type) == codes
    assert {saved.type, restored.type} <= KIND.brings[saved.service]


def test_a_copy_counts_its_parts_and_one_that_failed_is_no_success() -> None:
    parts = {"IsParent": True, "NumberOfChildJobs": 4}
    job = read(copy(1, NOW, "PARTIAL", **parts, ChildJobsInState={"COMPLETED": 3, "FAILED": 1}), COPIES)
    assert (job.state, job.successful, job.failed, job.total) == (JobState.Exception, 3, 1, 4)
    job = read(copy(1, NOW, **parts, ChildJobsInState={"COMPLETED": 3, "FAILED": 1}), COPIES)
    assert (job.state, job.comments) == (JobState.Exception, "AWS says COMPLETED, and that 1 parts were not")
    job = read(copy(1, NOW, **parts), COPIES)  # it does not say how they ended
    assert (job.state, job.successful, job.total) == (JobState.Successful, 1, 1)


@pytest.mark.parametrize("name", ["BackupVaultArn", "IamRoleArn"])
def test_the_account_of_a_record_that_does_not_name_it_stands_in_what_it_names(name: str) -> None:
    record = backup(1, NOW)
    known = {one: record[one] for one in (name, "BackupJobId", "CreationDate", "CompletionDate", "State")}
    assert read(known).job_id == f"aws:{ACCOUNT}:{REGION}:{job_name(1)}"
    assert read(known | {name: ""}).reference == ""


_words = st.sampled_from(
    ["", "COMPLETED", "FAILED", "PARTIAL", "CREATED", "RUNNING", "EXPIRED", "SUCCESS", "SUCCESSFUL", "VALIDATING"]
)
_any = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.just({"COMPLETED": 1})
_MEMBERS = (
    *("AccountId", "State", "Status", "StatusMessage", "MessageCategory", "ValidationStatus", "ResourceType"),
    *("ResourceArn", "ResourceName", "CreatedBy", "ChildJobsInState", "NumberOfChildJobs", "BackupSizeInBytes"),
    *("CompletionDate", "CompletionTime", "BackupVaultName", "ReportTemplate", "ReportDestination"),
)


@given(
    which=st.sampled_from(list(LISTS.values())),
    more=st.dictionaries(st.sampled_from(_MEMBERS), _words | _any, max_size=8),
)
def test_whatever_is_in_a_record_its_job_can_be_stored_or_it_is_refused(which: List, more: dict[str, Any]) -> None:
    record = {which.job: "7", "CreationDate": 1_760_000_000.5} | more
    try:
        job = job_of(record, "{}", which, REGION)
    except UnreadableRecordError:
        return
    assert faults(job, NAMES) == []
    if job.state is JobState.Successful:
        assert str(record.get("State") or record.get("Status")).upper() == "COMPLETED"
        assert job.failed == 0


@pytest.mark.skipif("JOBREPORT_TEST_SAMPLES" not in os.environ, reason="JOBREPORT_TEST_SAMPLES names no folder")
def test_published_examples_are_read() -> None:
    folder = Path(os.environ.get("JOBREPORT_TEST_SAMPLES", "")) / "aws-backup"
    found = [
        read(record)
        for path in sorted(folder.glob("list-*.json"))
        for record in json.loads(path.read_text(encoding="utf-8"))["BackupJobs"]
    ]
    assert found
    assert [faults(job, NAMES) for job in found] == [[]] * len(found)
    assert {(job.state, job.service, job.type, job.total) for job in found} == {
        (JobState.NotStarted, ServiceType.AmazonEC2, JobType.EC2Backup, 0),
        (JobState.Successful, ServiceType.FileShare, JobType.FileBackup, 1),
    }
