"""What several origins bring together is what each of them brings."""

from jobreport.model.brings import ANYTHING, brings, together
from jobreport.model.catalog import JobType, ServiceType


def test_types_of_a_service_gather() -> None:
    """A service with two types is one entry with both; several origins add to each other."""
    machines = brings((ServiceType.VM, JobType.Backup), (ServiceType.VM, JobType.Restore))
    assert machines == {ServiceType.VM: {JobType.Backup, JobType.Restore}}
    shares = brings((ServiceType.FileShare, JobType.FileBackup), (ServiceType.VM, JobType.VMFileRestore))
    assert together([machines, shares]) == {
        ServiceType.VM: {JobType.Backup, JobType.Restore, JobType.VMFileRestore},
        ServiceType.FileShare: {JobType.FileBackup},
    }
    assert together([machines, ANYTHING]) == ANYTHING
