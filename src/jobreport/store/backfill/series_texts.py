"""Fills in the texts by which series are found."""

from itertools import groupby
from operator import attrgetter
from typing import Final

from sqlalchemy import Connection, bindparam

from jobreport.store.backfill.step import Position, Step, measured, rows_after
from jobreport.store.derived import series_texts
from jobreport.store.schema.jobs import series as series_table

_SERIES: Final = 500
"""About so many series are read in one transaction."""


def _fill_texts(connection: Connection, here: Position) -> Position | None:
    """Adds the texts of the next series. Those that an earlier step has made have theirs."""
    rows = connection.execute(_NEXT_SERIES, {"tenant": here.tenant, "last": here.last, "most": _SERIES}).all()
    for tenant, own in groupby(rows, key=attrgetter("tenant")):
        wanted = {row.series: series_texts.row(row.plan, row.resource, row.origin) for row in own}
        there = series_texts.kept(connection, tenant, wanted)
        missing = {number: row for number, row in wanted.items() if number not in there}
        series_texts.add(connection, tenant, missing)
    return Position(here.step, rows[-1].tenant, rows[-1].series) if rows else None


_NAMES: Final = [series_table.c[name] for name in ("plan", "resource", "origin")]
_NEXT_SERIES: Final = rows_after(_NAMES, series_table.c.series).limit(bindparam("most"))
STEP: Final = Step("series", _fill_texts, measured(series_table.c.series))
