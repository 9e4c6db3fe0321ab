"""The kind `pve`: reads the backups (vzdump) and restores of the nodes of a Proxmox VE cluster."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from jobreport.connectors.base import Kind
from jobreport.connectors.kinds.proxmox.api import signed_in
from jobreport.connectors.kinds.pve.nodes import RIGHTS, Nodes
from jobreport.connectors.kinds.pve.settings import KEYS, PveSettings
from jobreport.model.brings import brings
from jobreport.model.catalog import JobType, ServiceType
from jobreport.model.sees import Sees


@contextmanager
def _open(settings: PveSettings) -> Iterator[Nodes]:
    with signed_in(settings, "Proxmox VE", "PVEAPIToken", "=") as api:
        yield Nodes(api, settings)


KIND: Final = Kind(
    name="pve",
    about="Proxmox VE: backups (vzdump) and restores of a cluster's nodes",
    sees=Sees.RUNS,
    settings=PveSettings,
    keys=KEYS,
    open=_open,
    brings=brings((ServiceType.VM, JobType.Backup), (ServiceType.VM, JobType.Restore)),
    rights=RIGHTS,
    work=JobType.VMSync,
)
