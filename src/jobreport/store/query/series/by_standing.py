"""Lists series by how they stand. Rows do not contain that, so the caller says which series stand so.

If there are few, their rows are read and sorted. If there are many, an index in the wanted order is read until the page
is full.
"""

from collections.abc import Collection, Generator
from contextlib import closing
from itertools import islice
from typing import Final

from msgspec.structs import replace
from sqlalchemy import Connection

from jobreport.model.series_query import Series, SeriesFilter, SeriesPage, SeriesQuery
from jobreport.store.db import dialect_of
from jobreport.store.query.series import in_the_past, parameters
from jobreport.store.query.series.by_number import these
from jobreport.store.query.series.rows import as_series
from jobreport.store.query.series.statements import among, every, walked

MOST_SORTED: Final = 2_000
"""The most series that are looked up and sorted for a page."""
_STRIDE: Final = 1_000
"""So many numbers of an index are read at a time."""


def find(
    connection: Connection, tenant: int, query: SeriesQuery, stand_so: Collection[int], *, most: int = MOST_SORTED
) -> SeriesPage:
    """Returns the page of `query`, which names standings. `stand_so` are the numbers of all series that stand so.

    Up to `most` series are looked up and sorted: that changes the speed, never the result.
    """
    chosen = matching(connection, tenant, query.where, stand_so)
    if len(chosen) <= most:
        return in_the_past.page_of(these(connection, tenant, chosen), query)
    with closing(_in_order(connection, tenant, query, chosen)) as numbers:
        first = [*islice(numbers, query.size + 1)]
    listed = these(connection, tenant, first[: query.size])
    shown = in_the_past.page_of(listed, replace(query, after=None)).series
    more = in_the_past.position(query.sort, shown[-1]) if len(first) > query.size else None
    return SeriesPage(len(chosen), shown, more)


def matching(connection: Connection, tenant: int, where: SeriesFilter, numbers: Collection[int]) -> Collection[int]:
    """Returns those of the series of these numbers that pass the filters, but for that of standings."""
    if not parameters.are_storable(where):
        return ()
    if not (names := parameters.names(where)):
        return numbers
    values = {"tenant": tenant, **parameters.values(connection, tenant, where)}
    values["numbers"] = dialect_of(connection).array([*numbers])
    return {number for (number,) in among(names).rows(connection, values)}


def stood(connection: Connection, tenant: int, where: SeriesFilter, at: int) -> list[Series]:
    """Returns all series that passed the filters, but for that of standings, as they stood at a time (ticks)."""
    if not parameters.are_storable(where):
        return []
    values = {"tenant": tenant, **parameters.values(connection, tenant, where)}
    listed = [as_series(row) for row in every(parameters.names(where) - {"states"}).rows(connection, values)]
    return in_the_past.matching(connection, tenant, where, at, listed)


def _in_order(connection: Connection, tenant: int, query: SeriesQuery, chosen: Collection[int]) -> Generator[int]:
    """Gives those of these series that come after the position of the query, in its order."""
    values = {"tenant": tenant, **parameters.after(query)}
    for part, is_after in parameters.parts(query):
        cursor = walked(query.sort, part, is_after).stream(connection, values)
        try:
            while rows := cursor.fetchmany(_STRIDE):
                yield from (number for (number,) in rows if number in chosen)
        finally:
            cursor.close()
