"""Lists series: those that pass the filters, in order, with the exact number of all of them.

A page is read from an index in the order that is asked for, after the position at which the page before ended. Where
few series pass, they are looked up and sorted instead. The kept counts of series say how many pass the filters of
codes; only filters of texts have to be compared with the series themselves.
"""

from collections.abc import Collection, Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, bindparam, select

from jobreport.model.catalog import JobState
from jobreport.model.job import fold
from jobreport.model.series_query import Series, SeriesFilter, SeriesKeys, SeriesPage, SeriesQuery
from jobreport.store.db import Dialect, dialect_of
from jobreport.store.db.prepared import Prepared
from jobreport.store.derived.series_texts import BETWEEN, is_exact
from jobreport.store.derived.trigrams import SHORT
from jobreport.store.query.series import by_standing, in_the_past, parameters
from jobreport.store.query.series.rows import as_series
from jobreport.store.query.series.statements import (
    CODES,
    COLUMNS,
    FOUND,
    Path,
    Shape,
    count,
    count_empty,
    count_texts,
    every,
    numbers,
    order,
    page,
)
from jobreport.store.schema.jobs import series as table
from jobreport.store.schema.jobs import series_count

_MOST_SORTED: Final = 2_000
"""The most series that are looked up and sorted for a page, where counts or an index tell how many there are."""
_MOST_FOUND: Final = 10_000
"""The most series that are found by their texts, looked up and sorted for a page."""
_MOST_READ: Final = 500
"""The most series that are looked up for a page if the index of names tells which rows need not be read at all."""
_OF_TENANT: Final = table.c.tenant == bindparam("tenant")
_BY_NUMBER: Final = Prepared(select(*COLUMNS).where(_OF_TENANT, table.c.series == bindparam("series")))
_BY_KEY: Final = Prepared(select(*COLUMNS).where(_OF_TENANT, table.c.digest == bindparam("digest")))
_COUNTS: Final = Prepared(
    select(*(series_count.c[name] for name in ("service", "type", "state", "series"))).where(
        series_count.c.tenant == bindparam("tenant")
    )
)
_PLACES: Final = {column.name: place for place, column in enumerate(COLUMNS)}

_A_CODE: Final = 20
"""The cost of one more statement, in series that are looked up."""

Row = tuple[Any, ...]
Codes = tuple[int, int, int]
"""Service, type and state."""


class _Way(NamedTuple):
    """How the series of a page are read: by this path; or, by the path of codes, those of each of these codes."""

    path: Path
    codes: Sequence[Codes] = ()


def find(
    connection: Connection,
    tenant: int,
    query: SeriesQuery,
    stand_so: Collection[int] | None = None,
    *,
    most: int = _MOST_FOUND,
) -> SeriesPage:
    """Returns the page of `query` among the series of `tenant`. If it names standings, `stand_so` are the numbers of
    all series that stand so.

    Up to `most` series are found by their texts and sorted: that changes the speed, never the result.
    """
    where = query.where
    if not parameters.are_storable(where):
        return SeriesPage(0, (), None)
    if where.standings:
        if stand_so is None:
            raise ValueError("which series stand so must be given")
        return by_standing.find(connection, tenant, query, stand_so)
    names = parameters.names(where)
    values = {"tenant": tenant, "most": most + 1, **parameters.values(connection, tenant, where)}
    if query.at is not None:
        listed = every(names - {"states"}).rows(connection, values)
        return in_the_past.page(connection, tenant, query, query.at, [as_series(row) for row in listed])
    total, way = _total(connection, query, names, values)
    rows = _rows(connection, query, names, way, values) if total else []
    shown = tuple(map(as_series, rows[: query.size]))
    return SeriesPage(total, shown, in_the_past.position(query.sort, shown[-1]) if len(rows) > query.size else None)


def find_one(connection: Connection, tenant: int, which: int | bytes) -> Series | None:
    """Returns the series of this number or with this digest; None if `tenant` has none with jobs."""
    if isinstance(which, int):
        rows = _BY_NUMBER.rows(connection, {"tenant": tenant, "series": which})
    else:
        rows = _BY_KEY.rows(connection, {"tenant": tenant, "digest": which})
    one = as_series(rows[0]) if rows else None
    return one if one and one.status.jobs else None


def _total(
    connection: Connection, query: SeriesQuery, names: frozenset[str], values: dict[str, Any]
) -> tuple[int, _Way]:
    """Returns how many series match, and how the page is best read."""
    if names.difference(CODES):
        return _total_by_texts(connection, query, names, values)
    there, match, codes = 0, 0, []
    for *row, number in _COUNTS.rows(connection, values):
        there += number
        if number and _passes(query.where, *row):
            match += number
            codes.append((row[0], row[1], row[2]))
    # In order, so many are passed until the page is full, if those that match lie everywhere.
    passed = query.size * there // max(match, 1)
    by_codes = match + _A_CODE * len(codes)
    return match, _Way(Path.CODES, codes) if by_codes < min(passed, _MOST_SORTED) else _Way(Path.ORDER)


def _total_by_texts(
    connection: Connection, query: SeriesQuery, names: frozenset[str], values: dict[str, Any]
) -> tuple[int, _Way]:
    """Returns the exact total of a query that filters by texts, and the way by which its page is read."""
    where, most = query.where, values["most"] - 1
    path = _path_of_texts(dialect_of(connection), where)
    if path is Path.ORIGINS:
        number = int(count(names, path).value(connection, values)) - count_empty(names).value(connection, values)
        return number, _Way(path if number <= min(most, _MOST_SORTED) else Path.ORDER)
    in_order = _in_order(path, query, values["search"])
    alone = len(names) == 1 and BETWEEN not in where.search
    exact = alone and (path is Path.TEXTS or (path is Path.PARTS and is_exact(values["search"])))
    total = None
    if exact or path is Path.TEXTS:
        total = int(count_texts(names, path).value(connection, values))
    if path in FOUND and (total or 0) <= (_MOST_READ if exact and in_order is Path.NAMES else most):
        some = [number for (number,) in numbers(names, path).rows(connection, values)]
        if len(some) <= most:
            values["numbers"] = dialect_of(connection).array(some)
            if total is not None and exact:
                return total - count_empty(names).value(connection, values), _Way(path)
            return int(count(names, path).value(connection, values)), _Way(path)
    # So many are not looked up and sorted. Most pass, so those of a page are soon found in order.
    if path in FOUND:
        path = Path.ALL
    if path is Path.ALL and alone and "plans" not in names:
        # The texts alone tell it, in a table that is smaller than that of the series.
        if total is None:
            total = int(count_texts(names, path).value(connection, values))
        total -= count_empty(names).value(connection, values)
        return total, _Way(in_order if exact or total > most else path)
    total = int(count(names, path).value(connection, values))
    return total, _Way(in_order if total > most and path is Path.ALL else path)


def _in_order(path: Path, query: SeriesQuery, term: str) -> Path:
    """Returns how series that pass are found in the order that is asked for."""
    by_name = query.sort.key is SeriesKeys.NAME and path is Path.PARTS
    # Of a name, spaces are cut off at both ends.
    return Path.NAMES if by_name and term == term.strip() else Path.ORDER


def _path_of_texts(dialect: Dialect, where: SeriesFilter) -> Path:
    """Returns the path that probably finds the fewest series; of several values, each is looked up."""
    if where.resources:
        return Path.TEXTS
    if where.plans:
        # Of a name, spaces are cut off at both ends.
        return Path.PLAN if len(where.plans) == 1 and where.plans[0] == where.plans[0].strip() else Path.ALL
    term = fold(where.search)
    if dialect.has_trigram_index and len(term) >= SHORT:
        return Path.PATTERN
    # A part of two characters is in many texts. So it only serves if those that have it need not be looked at.
    if not dialect.has_trigram_index and (len(term) >= SHORT or is_exact(term)):
        return Path.PARTS
    return Path.ORIGINS if where.origins and not where.search else Path.ALL


def _passes(where: SeriesFilter, service: int, kind: int, state: int) -> bool:
    return (
        (not where.services or service in where.services)
        and (not where.types or kind in where.types)
        # Where no job has ended, 0 is stored, which is the code of NotStarted.
        and (not where.states or (state != JobState.NotStarted and state in where.states))
    )


def _rows(
    connection: Connection, query: SeriesQuery, names: frozenset[str], way: _Way, values: dict[str, Any]
) -> list[Row]:
    """Returns the rows of the page, and one more if there is another page."""
    values = {**values, **parameters.after(query)}
    rows: list[Row] = []
    for part, is_after in parameters.parts(query):
        if (left := query.size + 1 - len(rows)) > 0:
            shape = Shape(names, query.sort, part, way.path, is_after)
            rows += _part(connection, shape, way, {**values, "size": left})[:left]
    return rows


def _part(connection: Connection, shape: Shape, way: _Way, values: dict[str, Any]) -> list[Row]:
    """Returns the first rows of a part, in order: as many as the page can take, or more."""
    if way.path is not Path.CODES:
        return page(shape).rows(connection, values)
    rows: list[Row] = []
    for service, kind, state in way.codes:
        rows += page(shape).rows(connection, {**values, "service": service, "type": kind, "state": state})
    places = [_PLACES[column.name] for column in order(shape)]
    rows.sort(key=lambda row: [row[place] for place in places], reverse=shape.sort.descending)
    return rows
