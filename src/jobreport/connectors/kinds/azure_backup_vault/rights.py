"""The rights that a full view of Backup vaults needs; `deploy/roles/azure-backup-vault.json` is a role of them."""

from typing import Final

from jobreport.connectors.base import Right
from jobreport.connectors.kinds.azure.rights import PERMISSIONS

_ELSEWHERE: Final = "Microsoft.DataProtection/subscriptions/resourceGroups/providers/locations"
VAULTS: Final = Right(name="Microsoft.DataProtection/backupVaults/read", without="the vaults where it is missing")
JOBS: Final = Right(name="Microsoft.DataProtection/backupVaults/backupJobs/read", without="the jobs of the vault")
RESTORES: Final = Right(
    name=f"{_ELSEWHERE}/fetchCrossRegionRestoreJobs/action", without="restores into the region to which it is copied"
)
RESTORE: Final = Right(
    name=f"{_ELSEWHERE}/fetchCrossRegionRestoreJob/action",
    without="what becomes of a restore into that region which is not listed any more",
)
RIGHTS: Final = (VAULTS, JOBS, RESTORES, RESTORE, PERMISSIONS)
