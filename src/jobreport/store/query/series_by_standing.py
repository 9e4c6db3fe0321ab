"""Lists and counts series by how they stand (`model.need`), which is not kept but judged.

All that stand so are known by their numbers. Of few, the rows are read and sorted. Where they are many, some are soon
met in an index of the order that is asked for, and only the rows of the page are read.
"""

from collections import Counter
from collections.abc import Collection, Generator
from contextlib import closing
from itertools import islice
from typing import Final

from msgspec.structs import replace
from sqlalchemy import Connection

from jobreport.model.good_copy_age import Ages
from jobreport.model.need import Standing
from jobreport.model.series_query import SeriesFilter, SeriesPage, SeriesQuery
from jobreport.store.db import dialect_of
from jobreport.store.query import needs, series_at, series_values
from jobreport.store.query.series_rows import as_series
from jobreport.store.query.series_statements import among, every, walked
from jobreport.store.query.standing_numbers import standing_numbers
from jobreport.store.registry import tenants

MOST_SORTED: Final = 2_000
"""The most series that are looked up and sorted for a page."""
_STRIDE: Final = 1_000
"""So many numbers of an index are read at a time."""


def find(connection: Connection, tenant: int, query: SeriesQuery, now: int, *, most: int = MOST_SORTED) -> SeriesPage:
    """Returns the page of `query`, which names standings, as the series stand at `now` (ticks).

    Up to `most` series are looked up and sorted: that changes the speed, never the result.
    """
    where = query.where
    chosen = _standing_so(connection, tenant, where, where.standings, tenants.ages(connection, tenant), now)
    if len(chosen) <= most:
        return series_at.page_of(needs.these(connection, tenant, chosen), query)
    with closing(_in_order(connection, tenant, query, chosen)) as numbers:
        first = [*islice(numbers, query.size + 1)]
    listed = needs.these(connection, tenant, first[: query.size])
    shown = series_at.page_of(listed, replace(query, after=None)).series
    more = series_at.position(query.sort, shown[-1]) if len(first) > query.size else None
    return SeriesPage(len(chosen), shown, more)


def count_standing(
    connection: Connection, tenant: int, query: SeriesQuery, standings: Collection[Standing], ages: Ages, now: int
) -> Counter[Standing | None]:
    """Returns how many of all series that match stand in each of these ways at `now` (ticks). `ages`: what is agreed
    with the tenant.
    """
    where = query.where
    if not series_values.are_storable(where):
        return Counter()
    if query.at is None:
        asked = [one for one in standings if not where.standings or one in where.standings]
        if not series_values.names(where):
            counted = standing_numbers(connection, {tenant: ages}, now)[tenant].standing
            return Counter({one: counted[one] for one in asked if counted[one]})
        return Counter(_standing_so(connection, tenant, where, asked, ages, now).values())
    values = {"tenant": tenant, **series_values.values(connection, tenant, where)}
    listed = [as_series(row) for row in every(series_values.names(where) - {"states"}).rows(connection, values)]
    stood = series_at.matching(connection, tenant, where, query.at, listed)
    judged = needs.plainly(connection, tenant, stood, ages, query.at)
    return Counter(one.standing for one in judged if one.standing in standings)


def _standing_so(
    connection: Connection, tenant: int, where: SeriesFilter, standings: Collection[Standing], ages: Ages, now: int
) -> dict[int, Standing]:
    """Returns the numbers of all series that stand in one of these ways, and pass the other filters."""
    chosen = needs.standing_so(connection, tenant, standings, ages, now)
    if not (names := series_values.names(where)):
        return chosen
    values = {"tenant": tenant, **series_values.values(connection, tenant, where)}
    values["numbers"] = dialect_of(connection).array([*chosen])
    return {number: chosen[number] for (number,) in among(names).rows(connection, values)}


def _in_order(connection: Connection, tenant: int, query: SeriesQuery, chosen: Collection[int]) -> Generator[int]:
    """Gives those of these series that come after the position of the query, in its order."""
    values = {"tenant": tenant, **series_values.after(query)}
    for part, is_after in series_values.parts(query):
        cursor = walked(query.sort, part, is_after).stream(connection, values)
        try:
            while rows := cursor.fetchmany(_STRIDE):
                yield from (number for (number,) in rows if number in chosen)
        finally:
            cursor.close()
