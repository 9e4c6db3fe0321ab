"""The kind `azure-backup-vault`: reads the jobs of Backup vaults: AKS, blobs, disks, PostgreSQL."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from jobreport.connectors.base import Connector, Kind
from jobreport.connectors.extra import needed
from jobreport.connectors.kinds.azure.settings import VAULT_KEYS, VaultSettings
from jobreport.connectors.kinds.azure_backup_vault.rights import RIGHTS
from jobreport.model.sees import Sees
from jobreport.origins.azure_backup import BACKUP_VAULTS_BRING


@contextmanager
def _open(settings: VaultSettings) -> Iterator[Connector]:
    with needed("azure"):
        from jobreport.connectors.kinds.azure.asking import opened
        from jobreport.connectors.kinds.azure_backup_vault.vaults import BackupVaults
    with opened(settings) as azure:
        yield BackupVaults(azure, settings)


KIND: Final = Kind(
    name="azure-backup-vault",
    about="Azure Backup: Backup vaults",
    sees=Sees.RUNS,
    settings=VaultSettings,
    keys=VAULT_KEYS,
    open=_open,
    brings=BACKUP_VAULTS_BRING,
    rights=RIGHTS,
    extra="azure",
)
