"""AWS Backup: events of EventBridge, and what a vault's notification says."""

from typing import Any

import pytest

from jobreport.inbox.report import Reading, ReportedJob, UnreadableError
from jobreport.inbox.webhooks.aws_backup import read, read_notification
from jobreport.model import ticks
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.runner.tools.base import Counts
from webhook_samples import AWS, delivery

SENTENCE = (
    "An AWS Backup job was completed successfully. Recovery point ARN: "
    "arn:aws:ec2:eu-central-1::snapshot/snap-1. Resource ARN : arn:aws:ec2:eu-central-1:111122223333:volume/vol-0b5. "
    "BackupJob ID : a827233a"
)
ATTRIBUTES = {
    "EventType": "BACKUP_JOB",
    "State": "COMPLETED",
    "AccountId": "111122223333",
    "Id": "a827233a",
    "StartTime": "2026-03-02T22:00:00.226Z",
}
AT = ticks.from_iso("2026-03-02T22:09:00Z")


def event(change: dict[str, Any] | None = None, **detail: object) -> Reading:
    return read(delivery({**AWS, **(change or {}), "detail": {**AWS["detail"], **detail}}))


def one(change: dict[str, Any] | None = None, **detail: object) -> ReportedJob:
    (job,) = event(change, **detail).jobs
    return job


def test_a_completed_backup_is_a_success_with_its_size_and_names() -> None:
    job = one()
    assert (job.state, job.service, job.type) == (JobState.Successful, ServiceType.AmazonEC2, JobType.EC2Backup)
    assert (job.plan, job.resource, job.description, job.comments) == ("gold", "vol-0b5ae24f", "", "")
    assert job.counts == Counts(successful=1, total=1, size=36048)
    assert job.key == "aws-backup/111122223333/eu-central-1/a827233a-d405-4a86-a440-759fa94f34dd"
    assert [ticks.to_iso(at, digits=3) for at in (job.start, job.finish, job.observed)] == [
        *("2026-03-02T22:00:00.207Z", "2026-03-02T22:09:05.921Z", "2026-03-02T22:10:00.000Z"),
    ]


@pytest.mark.parametrize(
    ("detail", "state"),
    [
        ({"state": "CREATED"}, JobState.NotStarted),
        ({"state": "PENDING"}, JobState.Waiting),
        ({"state": "RUNNING"}, JobState.InProgress),
        ({"state": "ABORTING"}, JobState.InProgress),
        ({"state": "ABORTED"}, JobState.Stopped),
        ({"state": "PARTIAL"}, JobState.Exception),
        ({"state": "EXPIRED", "completionDate": None}, JobState.Failed),
        ({"state": "failed", "completionDate": None}, JobState.Failed),
        ({"statusMessage": '"VSS failed"'}, JobState.Exception),
        ({"messageCategory": "VSS_ERROR"}, JobState.Exception),
        ({"messageCategory": "SUCCESS", "statusMessage": "fine"}, JobState.Successful),
        ({"state": "SPLENDID"}, JobState.Exception),
        ({"state": None}, JobState.Exception),
    ],
)
def test_a_state_is_read_as_it_is_meant(detail: dict[str, object], state: JobState) -> None:
    job = one(**detail)
    assert job.state is state
    assert bool(job.finish) is state.finished
    assert "unknown state" in job.comments or detail.get("state") not in {"SPLENDID", None} or "state" not in detail


def test_a_restore_whose_test_found_the_data_unusable_is_an_exception() -> None:
    kind = {"detail-type": "Restore Job State Change"}
    detail = {"state": None, "status": "COMPLETED", "restoreJobId": "R-1", "resourceType": "S3", "resourceArn": None}
    job = one(kind, **detail, validationStatus="FAILED")
    assert (job.state, job.service, job.type) == (JobState.Exception, ServiceType.AmazonS3, JobType.AmazonS3Restore)
    assert job.resource == "f1d966fe"
    assert one(kind, **detail, statusMessage="restored as vol-2").state is JobState.Successful


def test_a_copy_says_where_it_goes() -> None:
    vault = "arn:aws:backup:eu-west-1:111122223333:backup-vault:far-away"
    job = one({"detail-type": "Copy Job State Change"}, copyJobId="C-1", destinationBackupVaultArn=vault)
    assert (job.type, job.description, job.key.rpartition("/")[2]) == (JobType.EC2Backup, "copy to far-away", "C-1")


def test_what_is_no_job_of_its_own_is_ignored_with_words() -> None:
    assert event(parentJobId="P-1").ignored == "a part of the job P-1, which tells of all parts"
    assert (
        event({"detail-type": "Backup Vault State Change"}).ignored
        == "AWS Backup's Backup Vault State Change is no job"
    )


@pytest.mark.parametrize(
    ("change", "detail", "words"),
    [
        ({"source": "aws.ec2"}, {}, "source is 'aws.ec2'"),
        ({}, {"backupJobId": ""}, r"detail\.backupJobId must be the ID"),
        ({}, {"creationDate": 7}, r"detail\.creationDate must be a time"),
        ({"time": "gestern"}, {}, "time is no ISO 8601 time"),
        ({"account": None}, {}, r"at `\$\.account`"),
    ],
)
def test_what_cannot_be_read_says_what_is_wrong(change: dict[str, Any], detail: dict[str, Any], words: str) -> None:
    with pytest.raises(UnreadableError, match=words):
        event(change, **detail)


def test_a_message_of_sns_is_sent_to_its_own_address() -> None:
    with pytest.raises(UnreadableError, match="/sns"):
        read(delivery({"Type": "Notification", "SigningCertURL": "https://example.org/x.pem"}))


def test_a_notification_of_a_vault_is_the_same_job_as_its_event() -> None:
    (job,) = read_notification(SENTENCE, ATTRIBUTES, AT).jobs
    assert (job.state, job.service, job.type) == (JobState.Successful, ServiceType.AmazonEC2, JobType.EC2Backup)
    assert (job.resource, job.finish) == ("vol-0b5", AT)
    assert job.key == one(backupJobId="a827233a").key


def test_a_notification_that_does_not_tell_success_is_none() -> None:
    failed = read_notification("An AWS Backup job failed.", {**ATTRIBUTES, "State": "FAILED"}, AT).jobs[0]
    assert (failed.state, failed.comments) == (JobState.Failed, "An AWS Backup job failed.")
    issues = read_notification("Completed with issues.", ATTRIBUTES, AT).jobs[0]
    assert issues.state is JobState.Exception
    denied = read_notification("An AWS Backup job failed. Resource ARN : arn:aws:x", ATTRIBUTES, AT).jobs[0]
    assert denied.state is JobState.Exception
    named = read_notification("An AWS Backup job was completed. Resource ARN : arn:aws:failed", ATTRIBUTES, AT).jobs[0]
    assert named.state is JobState.Successful
    unknown = read_notification("?", {**ATTRIBUTES, "State": "SPLENDID"}, AT).jobs[0]
    assert unknown.comments.startswith("unknown state 'SPLENDID'")
    assert read_notification("?", {**ATTRIBUTES, "EventType": "RECOVERY_POINT"}, AT).ignored
    with pytest.raises(UnreadableError, match="nor a notification of a vault"):
        read_notification("Hello", {}, AT)
    with pytest.raises(UnreadableError, match="not the ID that the message itself tells"):
        read_notification("An AWS Backup job was completed. BackupJob ID : another-1", ATTRIBUTES, AT)
    with pytest.raises(UnreadableError, match="attribute Id"):
        read_notification("?", {**ATTRIBUTES, "Id": ""}, AT)
