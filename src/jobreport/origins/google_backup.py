"""What the words of Google's backups mean here: of Backup and DR, and of Cloud SQL.

Google's schema has neither the categories of jobs nor the types of resources as lists of words. So they are recognised
by what is in them, and anything else is told.
"""

from typing import Final

from jobreport.model.brings import Brings, brings
from jobreport.model.catalog import JobState, JobType, ServiceType

JOB_STATES: Final = {
    "RUNNING": JobState.InProgress,
    "SUCCESSFUL": JobState.Successful,
    "FAILED": JobState.Failed,
    "SKIPPED": JobState.Skipped,
}
"""Of jobs of Backup and DR."""
RUN_STATES: Final = {
    "OVERDUE": JobState.NotStarted,
    "ENQUEUED": JobState.Waiting,
    **JOB_STATES,
}
"""Of backup runs of Cloud SQL."""
DELETED: Final = frozenset({"DELETION_PENDING", "DELETION_FAILED", "DELETED"})
"""What Cloud SQL says of a backup, in the place of how it ended, when that is to be deleted."""
_CODES: Final = {
    ServiceType.GoogleCloud: (JobType.GoogleVMBackup, JobType.GoogleVMRestore),
    ServiceType.FileShare: (JobType.FileBackup, JobType.FileRestore),
    ServiceType.Common: (JobType.Backup, JobType.Restore),
}
BRINGS: Final[Brings] = brings(
    *((service, kind) for service, kinds in _CODES.items() for kind in kinds),
    (ServiceType.Common, JobType.Report),
)


def codes_of(resource_type: str, name: str, category: str) -> tuple[ServiceType, JobType]:
    """Returns the codes of a job about a resource of this type and full name. Work that is neither a backup nor a
    restore is a report: it is none of these, however it ended.
    """
    about, work = f"{resource_type} {name}".casefold(), category.casefold()
    service = ServiceType.Common
    if "filestore" in about:
        service = ServiceType.FileShare
    elif "compute" in about or ("/zones/" in about and ("/instances/" in about or "/disks/" in about)):
        service = ServiceType.GoogleCloud
    backup, restore = _CODES[service]
    if "restore" in work:
        return service, restore
    return (service, backup) if "backup" in work or not work else (ServiceType.Common, JobType.Report)
