"""Reads series by their numbers."""

from collections.abc import Collection
from typing import Any, Final

from sqlalchemy import Connection, Integer, bindparam, literal_column, select

from jobreport.model.series_query import Series
from jobreport.store.db import dialect_of
from jobreport.store.db.expressions import any_of
from jobreport.store.db.prepared import Prepared
from jobreport.store.query.series.rows import as_series
from jobreport.store.query.series.statements import COLUMNS
from jobreport.store.schema.jobs import series

_THESE: Final = Prepared(
    select(*COLUMNS).where(
        series.c.tenant == bindparam("tenant"), any_of(series.c.series), series.c.jobs > literal_column("0", Integer)
    )
)


def these(connection: Connection, tenant: int, numbers: Collection[int]) -> list[Series]:
    """Returns those of the series of these numbers that have jobs, in any order."""
    if not numbers:
        return []
    values: dict[str, Any] = {"tenant": tenant, "ids": dialect_of(connection).array(sorted(numbers))}
    return [as_series(row) for row in _THESE.rows(connection, values)]
