"""The kind `azure-vault`: reads the jobs of Recovery Services vaults: VMs, file shares, SQL in VMs, own servers."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from jobreport.connectors.base import Connector, Kind
from jobreport.connectors.extra import needed
from jobreport.connectors.kinds.azure.settings import VAULT_KEYS, VaultSettings
from jobreport.connectors.kinds.azure_vault.rights import RIGHTS
from jobreport.model.catalog import JobType
from jobreport.model.sees import Sees
from jobreport.origins.azure_backup import BRINGS


@contextmanager
def _open(settings: VaultSettings) -> Iterator[Connector]:
    with needed("azure"):
        from jobreport.connectors.kinds.azure.asking import opened
        from jobreport.connectors.kinds.azure_vault.vaults import Vaults
    with opened(settings) as azure:
        yield Vaults(azure, settings)


KIND: Final = Kind(
    name="azure-vault",
    about="Azure Backup: Recovery Services vaults",
    sees=Sees.RUNS,
    settings=VaultSettings,
    keys=VAULT_KEYS,
    open=_open,
    brings=BRINGS,
    rights=RIGHTS,
    work=JobType.VMSync,
    extra="azure",
)
