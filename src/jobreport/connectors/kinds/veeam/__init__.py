"""The kind `veeam`: reads the sessions of Veeam Backup & Replication 12 and 13 by its REST API."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Final

from jobreport.connectors.base import Kind
from jobreport.connectors.kinds.veeam.client import Veeam
from jobreport.connectors.kinds.veeam.reading import RIGHTS, Server
from jobreport.connectors.kinds.veeam.settings import KEYS, Settings
from jobreport.model.catalog import JobType
from jobreport.model.sees import Sees
from jobreport.origins.veeam import BRINGS_BY_API


@contextmanager
def _open(settings: Settings) -> Iterator[Server]:
    with closing(Veeam(settings)) as veeam:
        yield Server(veeam, settings)


KIND: Final = Kind(
    name="veeam",
    about="Veeam Backup & Replication 12 and 13: the sessions of its jobs",
    sees=Sees.RUNS,
    settings=Settings,
    keys=KEYS,
    open=_open,
    brings=BRINGS_BY_API,
    rights=RIGHTS,
    work=JobType.VMSync,
)
