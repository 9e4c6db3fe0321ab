"""Lists series: those that pass the filters, in order, with the exact number of all of them.

A page is read from an index in the order that is asked for, after the position at which the page before ended.
"""

from enum import Enum, auto
from functools import lru_cache
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Integer,
    Text,
    bindparam,
    func,
    literal_column,
    or_,
    select,
    tuple_,
)

from jobreport.model.catalog import JobType, ServiceType
from jobreport.model.job import fold
from jobreport.model.series import SeriesStatus
from jobreport.model.series_query import Series, SeriesFilter, SeriesKeys, SeriesPage, SeriesQuery, SeriesSort
from jobreport.store.db import dialect_of
from jobreport.store.db.expressions import any_of, contains
from jobreport.store.db.prepared import Prepared
from jobreport.store.query import series_at
from jobreport.store.schema.jobs import series as table
from jobreport.store.schema.rows import storable

_CODES: Final = {"services": "service", "types": "type", "states": "ended_state"}
_TEXTS: Final = {"plans": "plan", "resources": "resource", "origins": "origin"}
_ABOUT: Final = ("series", "digest", "service", "type", "plan", "resource", "origin")
_FIELDS: Final = SeriesStatus.__struct_fields__
_NONE: Final = literal_column("0", Integer)
_SOME: Final = table.c.jobs > _NONE
_COLUMNS: Final = [table.c[column] for column in (*_ABOUT, *_FIELDS)]
_BY_NUMBER: Final = Prepared(
    select(*_COLUMNS).where(table.c.tenant == bindparam("tenant"), table.c.series == bindparam("series"), _SOME)
)
_BY_KEY: Final = Prepared(
    select(*_COLUMNS).where(table.c.tenant == bindparam("tenant"), table.c.digest == bindparam("digest"), _SOME)
)


class _Part(Enum):
    """The series that one statement reads."""

    ALL = auto()
    NOT_GOOD = auto()
    """Those whose jobs are not good now."""
    WELL = auto()
    """The others."""


class _Shape(NamedTuple):
    """Everything on which the text of a statement depends."""

    filters: frozenset[str]
    sort: SeriesSort
    part: _Part
    after: bool


def find(connection: Connection, tenant: int, query: SeriesQuery) -> SeriesPage:
    """Returns the page of `query` among the series of `tenant`."""
    where = query.where
    if not all(map(storable, (where.search, *where.plans, *where.resources, *where.origins))):
        return SeriesPage(0, (), None)
    names = frozenset(name for name in where.__struct_fields__ if getattr(where, name))
    values = {"tenant": tenant, **_values(connection, where)}
    if query.at is not None:
        every = _every(names - {"states"}).rows(connection, values)
        return series_at.page(connection, tenant, query, query.at, [_series(row) for row in every])
    total = int(_count(names).value(connection, values))
    rows = _rows(connection, query, names, values)
    found = tuple(map(_series, rows[: query.size]))
    return SeriesPage(total, found, series_at.position(query.sort, found[-1]) if len(rows) > query.size else None)


def find_one(connection: Connection, tenant: int, which: int | bytes) -> Series | None:
    """Returns the series of this number or with this digest; None if `tenant` has none with jobs."""
    if isinstance(which, int):
        rows = _BY_NUMBER.rows(connection, {"tenant": tenant, "series": which})
    else:
        rows = _BY_KEY.rows(connection, {"tenant": tenant, "digest": which})
    return _series(rows[0]) if rows else None


def _rows(
    connection: Connection, query: SeriesQuery, names: frozenset[str], values: dict[str, Any]
) -> list[tuple[Any, ...]]:
    """Returns the rows of the page, and one more if there is another page."""
    after = query.after
    if after:
        values = {**values, "after_time": after.key, "after_number": after.filed, "after_name": after.job_id}
    parts = [_Part.ALL]
    if query.sort.key is SeriesKeys.NOT_GOOD_SINCE:
        # Those that are well come last in both directions; a position among them has no time.
        parts = [_Part.WELL] if after and not after.key else [_Part.NOT_GOOD, _Part.WELL]
    rows: list[tuple[Any, ...]] = []
    for place, part in enumerate(parts):
        if (left := query.size + 1 - len(rows)) > 0:
            shape = _Shape(names, query.sort, part, after is not None and not place)
            rows += _page(shape).rows(connection, {**values, "size": left})
    return rows


def _values(connection: Connection, where: SeriesFilter) -> dict[str, Any]:
    dialect = dialect_of(connection)
    found: dict[str, Any] = {"search": fold(where.search)}
    for name in (*_CODES, *_TEXTS):
        given = getattr(where, name)
        if name == "states":  # where no job has ended, 0 is stored, which is the code of NotStarted
            given = [state for state in given if state.finished]
        found[name] = dialect.array([int(one) for one in given] if name in _CODES else given)
    return found


def _series(row: tuple[Any, ...]) -> Series:
    number, digest, service, kind, plan, resource, origin = row[: len(_ABOUT)]
    return Series(
        number=number,
        key=digest.hex(),
        service=ServiceType(service),
        type=JobType(kind),
        plan=plan,
        resource=resource,
        origin=origin,
        status=SeriesStatus(**dict(zip(_FIELDS, row[len(_ABOUT) :], strict=True))),
    )


def _conditions(names: frozenset[str]) -> list[ColumnElement[Any]]:
    found: list[ColumnElement[Any]] = [table.c.tenant == bindparam("tenant"), _SOME]
    for name, column in (*_CODES.items(), *_TEXTS.items()):
        if name in names:
            found.append(any_of(table.c[column], name))
    if "search" in names:
        term = bindparam("search", type_=Text())
        found.append(or_(contains(table.c.folded_plan, term), contains(table.c.folded_resource, term)))
    return found


@lru_cache(maxsize=256)
def _count(names: frozenset[str]) -> Prepared:
    return Prepared(select(func.count()).select_from(table).where(*_conditions(names)))


@lru_cache(maxsize=64)
def _every(names: frozenset[str]) -> Prepared:
    return Prepared(select(*_COLUMNS).where(*_conditions(names)))


@lru_cache(maxsize=512)
def _page(shape: _Shape) -> Prepared:
    conditions, order = _conditions(shape.filters), _order(shape)
    if shape.part is not _Part.ALL:
        conditions.append(table.c.not_good > _NONE if shape.part is _Part.NOT_GOOD else table.c.not_good == _NONE)
    if shape.after:
        here, there = tuple_(*order), tuple_(*(_AFTER[column.name] for column in order))
        conditions.append(here < there if shape.sort.descending else here > there)
    ordered = (column.desc() if shape.sort.descending else column.asc() for column in order)
    return Prepared(select(*_COLUMNS).where(*conditions).order_by(*ordered).limit(bindparam("size")))


def _order(shape: _Shape) -> list[Any]:
    """Returns the columns by which a statement sorts."""
    columns = {
        SeriesKeys.NAME: [table.c.sort_name],
        SeriesKeys.LAST_GOOD: [table.c.good_finish],
        SeriesKeys.NOT_GOOD_SINCE: [] if shape.part is _Part.WELL else [table.c.not_good_since],
    }
    return [*columns[shape.sort.key], table.c.series]


_AFTER: Final[dict[str, ColumnElement[Any]]] = {
    "sort_name": bindparam("after_name", type_=Text()),
    "good_finish": bindparam("after_time", type_=BigInteger()),
    "not_good_since": bindparam("after_time", type_=BigInteger()),
    "series": bindparam("after_number", type_=Integer()),
}
