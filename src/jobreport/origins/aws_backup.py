"""What AWS Backup's states, resource types and names mean here, in its lists as in its events."""

from typing import Final

from jobreport.model.brings import Brings, brings
from jobreport.model.catalog import JobState, JobType, ServiceType

_STATES: Final = {
    "CREATED": JobState.NotStarted,
    "PENDING": JobState.Waiting,
    "RUNNING": JobState.InProgress,
    "ABORTING": JobState.InProgress,
    "ABORTED": JobState.Stopped,
    "COMPLETED": JobState.Successful,
    "PARTIAL": JobState.Exception,
    "FAILED": JobState.Failed,
    "EXPIRED": JobState.Failed,  # it did not begin in time
}
_VALIDATIONS: Final = {
    # A restore test that found the data unusable restored them all the same.
    "": JobState.Successful,
    "SUCCESSFUL": JobState.Successful,
    "FAILED": JobState.Exception,
    "TIMED_OUT": JobState.Exception,
    "VALIDATING": JobState.InProgress,
}
_SERVICES: Final = {
    "EC2": ServiceType.AmazonEC2,
    "EBS": ServiceType.AmazonEC2,
    "S3": ServiceType.AmazonS3,
    "VIRTUALMACHINE": ServiceType.VM,
    "EFS": ServiceType.FileShare,
    "FSX": ServiceType.FileShare,
}
"""By the name of the resource type in capitals. All others are Common."""
_TYPES: Final = {
    (ServiceType.AmazonEC2, JobType.Backup): JobType.EC2Backup,
    (ServiceType.AmazonEC2, JobType.Restore): JobType.EC2Restore,
    (ServiceType.AmazonS3, JobType.Backup): JobType.AmazonS3Backup,
    (ServiceType.AmazonS3, JobType.Restore): JobType.AmazonS3Restore,
    (ServiceType.FileShare, JobType.Backup): JobType.FileBackup,
    (ServiceType.FileShare, JobType.Restore): JobType.FileRestore,
}
BRINGS: Final[Brings] = brings(
    *(
        (service, _TYPES.get((service, work), work))
        for service in (*_SERVICES.values(), ServiceType.Common)
        for work in (JobType.Backup, JobType.Restore)
    )
)
"""What its backup, restore and copy jobs are here."""
_OF_ARN: Final = {
    "ec2": "EC2",
    "s3": "S3",
    "backup-gateway": "VirtualMachine",
    "elasticfilesystem": "EFS",
    "fsx": "FSx",
}
_SERVICE_OF_ARN: Final = 2
_SUCCESS: Final = "SUCCESS"


def state_of(state: str, *, category: str = "", message: str = "", validation: str = "") -> JobState | None:
    """Returns what a state means; None if it is not known.

    A job is COMPLETED "with issues" if its message category is not SUCCESS. Events of backups have no category: there
    any status `message` says so. `validation` is the status of a restore test.
    """
    known = _STATES.get(state.upper())
    if known is not JobState.Successful:
        return known
    if category.upper() not in {"", _SUCCESS} or (message and not category):
        return JobState.Exception
    return _VALIDATIONS.get(validation.upper(), JobState.Exception)


def codes_of(resource_type: str, work: JobType) -> tuple[ServiceType, JobType]:
    """Returns the service and the type of a job; `work` is Backup or Restore."""
    service = _SERVICES.get(resource_type.upper(), ServiceType.Common)
    return service, _TYPES.get((service, work), work)


def resource_type_of(arn: str) -> str:
    """Returns the resource type to which an ARN belongs; empty if AWS Backup's own one cannot be told from it."""
    parts = arn.split(":")
    return _OF_ARN.get(parts[_SERVICE_OF_ARN], "") if len(parts) > _SERVICE_OF_ARN else ""


def name_of(arn: str) -> str:
    """Returns the end of an ARN: the resource's own name, such as `vol-0b5ae24f2ee72d926`."""
    return arn.rpartition(":")[2].rpartition("/")[2]


def key_of(account: str, region: str, job: str) -> str:
    """Returns the name of a job that nobody else has."""
    return f"aws-backup/{account}/{region}/{job}"


def reference_of(account: str, region: str, job: str) -> str:
    """Returns the name of a job by which all tell of it, events as lists; empty if it is not known whose it is."""
    return f"aws:{account}:{region}:{job}" if account and region else ""
