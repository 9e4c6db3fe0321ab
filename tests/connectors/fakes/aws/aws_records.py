"""Records as AWS Backup lists them, written for these tests after the members that the service model has."""

import uuid
from typing import Any, Final

from jobreport.model import ticks

ACCOUNT: Final = "123456789012"
REGION: Final = "eu-central-1"
PLAN: Final = {
    "BackupPlanArn": f"arn:aws:backup:{REGION}:{ACCOUNT}:backup-plan:5f6e",
    "BackupPlanId": "5f6e",
    "BackupPlanName": "nightly",
    "BackupPlanVersion": "M2Q",
    "BackupRuleId": "77aa",
    "BackupRuleName": "daily",
}
_SIZE: Final = 3_221_225_472


def seconds(at: int) -> float:
    """A time (ticks) as the lists write it."""
    return (at - ticks.UNIX_EPOCH) // 10_000 / 1000


def job_name(number: int) -> str:
    """The ID of a job, as AWS makes them."""
    return str(uuid.UUID(int=0xA000_0000 << 96 | number)).upper()


def backup(number: int, created: int, state: str = "COMPLETED", account: str = ACCOUNT, **more: Any) -> dict[str, Any]:
    """A backup of a volume, which took ten minutes if it has ended."""
    record = {
        "AccountId": account,
        "BackupJobId": job_name(number),
        "BackupVaultName": "Default",
        "BackupVaultArn": f"arn:aws:backup:{REGION}:{account}:backup-vault:Default",
        "ResourceArn": f"arn:aws:ec2:{REGION}:{account}:volume/vol-{number % 400:017x}",
        "CreationDate": seconds(created),
        "State": state,
        "PercentDone": "100.0" if state == "COMPLETED" else "40.0",
        "BackupSizeInBytes": _SIZE,
        "IamRoleArn": f"arn:aws:iam::{account}:role/service-role/AWSBackupDefaultServiceRole",
        "CreatedBy": PLAN,
        "StartBy": seconds(created + 8 * 3600 * ticks.PER_SECOND),
        "ResourceType": "EBS",
        "BytesTransferred": _SIZE // 2,
        "IsParent": False,
        "ResourceName": f"db-{number % 400}",
        "InitiationDate": seconds(created),
    }
    return _ended(record, created, state, "CREATED PENDING RUNNING ABORTING") | more


def copy(number: int, created: int, state: str = "COMPLETED", account: str = ACCOUNT, **more: Any) -> dict[str, Any]:
    """A copy of a recovery point to a vault in another region."""
    record = {
        "AccountId": account,
        "CopyJobId": job_name(number),
        "SourceBackupVaultArn": f"arn:aws:backup:{REGION}:{account}:backup-vault:Default",
        "SourceRecoveryPointArn": f"arn:aws:ec2:{REGION}::snapshot/snap-{number:017x}",
        "DestinationBackupVaultArn": f"arn:aws:backup:us-east-1:{account}:backup-vault:Abroad",
        "ResourceArn": f"arn:aws:ec2:{REGION}:{account}:volume/vol-{number % 400:017x}",
        "CreationDate": seconds(created),
        "State": state,
        "BackupSizeInBytes": _SIZE,
        "IamRoleArn": f"arn:aws:iam::{account}:role/service-role/AWSBackupDefaultServiceRole",
        "CreatedBy": PLAN,
        "ResourceType": "EBS",
        "ResourceName": f"db-{number % 400}",
    }
    return _ended(record, created, state, "CREATED RUNNING") | more


def restore(number: int, created: int, state: str = "COMPLETED", account: str = ACCOUNT, **more: Any) -> dict[str, Any]:
    """A restore of a file system."""
    record = {
        "AccountId": account,
        "RestoreJobId": job_name(number),
        "RecoveryPointArn": f"arn:aws:backup:{REGION}:{account}:recovery-point:{job_name(number)}",
        "SourceResourceArn": f"arn:aws:elasticfilesystem:{REGION}:{account}:file-system/fs-{number % 400:08x}",
        "CreationDate": seconds(created),
        "Status": state,
        "PercentDone": "100.00%",
        "BackupSizeInBytes": 71,
        "IamRoleArn": f"arn:aws:iam::{account}:role/restore",
        "ResourceType": "EFS",
    }
    return _ended(record, created, state, "PENDING RUNNING") | more


def report(number: int, created: int, state: str = "COMPLETED", **more: Any) -> dict[str, Any]:
    """A report that AWS Backup Audit Manager writes."""
    record = {
        "ReportJobId": job_name(number),
        "ReportPlanArn": f"arn:aws:backup:{REGION}:{ACCOUNT}:report-plan:daily_jobs-8a31",
        "ReportTemplate": "BACKUP_JOB_REPORT",
        "CreationTime": seconds(created),
        "Status": state,
        "ReportDestination": {"S3BucketName": "audit-reports", "S3Keys": [f"Backup/{number}.csv"]},
    }
    if state in {"COMPLETED", "FAILED"}:
        record["CompletionTime"] = seconds(created + 60 * ticks.PER_SECOND)
    return record | more


def _ended(record: dict[str, Any], created: int, state: str, unfinished: str) -> dict[str, Any]:
    if state not in unfinished.split():
        record["CompletionDate"] = seconds(created + 600 * ticks.PER_SECOND)
    return record
