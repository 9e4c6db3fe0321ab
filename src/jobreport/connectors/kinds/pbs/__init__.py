"""The kind `pbs`: reads the tasks of a Proxmox Backup Server: backups, syncs, verifications, prunes, tapes."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from jobreport.connectors.base import Kind
from jobreport.connectors.kinds.pbs.server import RIGHT, Server
from jobreport.connectors.kinds.pbs.settings import KEYS, PbsSettings, beside
from jobreport.connectors.kinds.proxmox.api import signed_in
from jobreport.model.brings import brings
from jobreport.model.catalog import JobType, ServiceType
from jobreport.model.sees import Sees


@contextmanager
def _open(settings: PbsSettings) -> Iterator[Server]:
    with signed_in(settings, "Proxmox Backup Server", "PBSAPIToken", ":") as api:
        yield Server(api, settings)


KIND: Final = Kind(
    name="pbs",
    about="Proxmox Backup Server: backups, syncs, verifications, prunes, garbage collections, tapes",
    sees=Sees.RUNS,
    settings=PbsSettings,
    keys=KEYS,
    open=_open,
    beside=beside,
    brings=brings(
        (ServiceType.VM, JobType.Backup),
        (ServiceType.VM, JobType.Restore),
        (ServiceType.FileShare, JobType.FileBackup),
        (ServiceType.FileShare, JobType.FileRestore),
        (ServiceType.Common, JobType.Backup),
        (ServiceType.Common, JobType.Restore),
        (ServiceType.Common, JobType.Report),
        (ServiceType.Common, JobType.Retention),
    ),
    rights=[RIGHT],
    work=JobType.VMSync,
)
