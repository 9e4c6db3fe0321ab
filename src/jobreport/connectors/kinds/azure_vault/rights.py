"""The rights that a full view of Recovery Services vaults needs; `deploy/roles/azure-vault.json` is a role of them."""

from typing import Final

from jobreport.connectors.base import Right
from jobreport.connectors.kinds.azure.rights import PERMISSIONS

VAULTS: Final = Right(name="Microsoft.RecoveryServices/Vaults/read", without="the vaults where it is missing")
JOBS: Final = Right(name="Microsoft.RecoveryServices/Vaults/backupJobs/read", without="the jobs of the vault")
RIGHTS: Final = (VAULTS, JOBS, PERMISSIONS)
