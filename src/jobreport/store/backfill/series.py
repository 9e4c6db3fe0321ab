"""Fills in how each series stands."""

from itertools import groupby
from operator import attrgetter
from typing import Final

from sqlalchemy import Connection, bindparam

from jobreport.store.backfill.step import Position, Step, measured, rows_after
from jobreport.store.derived import series, series_parts
from jobreport.store.schema.jobs import series as series_table

_SERIES: Final = 200
"""About so many series are read in one transaction."""


def _fill_series(connection: Connection, here: Position) -> Position | None:
    """Reads how the next series stand."""
    rows = connection.execute(_NEXT_SERIES, {"tenant": here.tenant, "last": here.last, "most": _SERIES}).all()
    for tenant, own in groupby(rows, key=attrgetter("tenant")):
        good = series.good_states(connection, tenant)
        series.write(
            connection,
            tenant,
            {row.series: series_parts.Reader(connection, tenant, row.series, good).whole() for row in own},
        )
    return Position(here.step, rows[-1].tenant, rows[-1].series) if rows else None


_NEXT_SERIES: Final = rows_after([], series_table.c.series).limit(bindparam("most"))
STEP: Final = Step("series", _fill_series, measured(series_table.c.series))
