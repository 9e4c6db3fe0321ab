"""The kind `azure-sql`: reads long-term backups of Azure SQL, and the operations that restore databases."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from jobreport.connectors.base import Connector, Kind
from jobreport.connectors.extra import needed
from jobreport.connectors.kinds.azure_sql.rights import RIGHTS
from jobreport.connectors.kinds.azure_sql.settings import KEYS, SqlSettings
from jobreport.model.catalog import JobType
from jobreport.model.sees import Sees
from jobreport.origins.azure_sql import BRINGS


@contextmanager
def _open(settings: SqlSettings) -> Iterator[Connector]:
    with needed("azure"):
        from jobreport.connectors.kinds.azure.asking import opened
        from jobreport.connectors.kinds.azure_sql.servers import Sql
    with opened(settings) as azure:
        yield Sql(azure, settings)


KIND: Final = Kind(
    name="azure-sql",
    about="Azure SQL: long-term backups, and restores",
    sees=Sees.RESULTS,
    settings=SqlSettings,
    keys=KEYS,
    open=_open,
    brings=BRINGS,
    rights=RIGHTS,
    work=JobType.SQLSync,
    extra="azure",
)
