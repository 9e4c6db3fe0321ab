"""The kind `pgbackrest`: reads the backups that pgBackRest lists in the repositories of its stanzas."""

from contextlib import AbstractContextManager, nullcontext
from typing import Final

from jobreport.connectors.base import Kind
from jobreport.connectors.kinds.pgbackrest.settings import KEYS, Settings
from jobreport.connectors.kinds.pgbackrest.stanzas import RIGHT, Stanzas
from jobreport.model.brings import brings
from jobreport.model.catalog import JobType, ServiceType
from jobreport.model.sees import Sees


def _open(settings: Settings) -> AbstractContextManager[Stanzas]:
    return nullcontext(Stanzas(settings))


KIND: Final = Kind(
    name="pgbackrest",
    about="pgBackRest's backups of PostgreSQL, in all repositories of all stanzas",
    sees=Sees.RESULTS,
    settings=Settings,
    keys=KEYS,
    open=_open,
    brings=brings((ServiceType.Common, JobType.Backup)),
    rights=[RIGHT],
    work=JobType.SQLSync,
)
