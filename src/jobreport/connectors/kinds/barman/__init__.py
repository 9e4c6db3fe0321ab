"""The kind `barman`: reads the backups that barman keeps of its servers."""

from contextlib import AbstractContextManager, nullcontext
from typing import Final

from jobreport.connectors.base import Kind
from jobreport.connectors.kinds.barman.servers import RIGHT, Servers
from jobreport.connectors.kinds.barman.settings import KEYS, Settings
from jobreport.model.brings import brings
from jobreport.model.catalog import JobType, ServiceType
from jobreport.model.sees import Sees


def _open(settings: Settings) -> AbstractContextManager[Servers]:
    return nullcontext(Servers(settings))


KIND: Final = Kind(
    name="barman",
    about="barman's backups of PostgreSQL, of all its servers",
    sees=Sees.OBJECTS,
    settings=Settings,
    keys=KEYS,
    open=_open,
    brings=brings((ServiceType.Common, JobType.Backup)),
    rights=[RIGHT],
    work=JobType.SQLSync,
)
