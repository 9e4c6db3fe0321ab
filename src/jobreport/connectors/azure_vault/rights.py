"""The rights that a full view of Recovery Services vaults needs; `deploy/roles/azure-vault.json` is a role of them."""

from typing import Final

from jobreport.connectors.azure.rights import PERMISSIONS
from jobreport.connectors.base import Right

VAULTS: Final = Right(name="Microsoft.RecoveryServices/Vaults/read", without="the vaults where it is missing")
JOBS: Final = Right(name="Microsoft.RecoveryServices/Vaults/backupJobs/read", without="the jobs of the vault")
RIGHTS: Final = (VAULTS, JOBS, PERMISSIONS)
