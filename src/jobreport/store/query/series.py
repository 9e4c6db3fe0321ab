"""Lists series: those that pass the filters, in order, with the exact number of all of them.

A page is read from an index in the order that is asked for, after the position at which the page before ended.
"""

from functools import lru_cache
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Integer,
    Text,
    bindparam,
    case,
    func,
    literal_column,
    or_,
    select,
    tuple_,
)

from jobreport.model.catalog import JobType, ServiceType
from jobreport.model.job import INT64_MAX, fold
from jobreport.model.query import Position
from jobreport.model.series import SeriesStatus
from jobreport.model.series_query import Series, SeriesFilter, SeriesKeys, SeriesPage, SeriesQuery, SeriesSort
from jobreport.store.db import dialect_of
from jobreport.store.db.expressions import any_of, contains
from jobreport.store.db.prepared import Prepared
from jobreport.store.schema.jobs import series as table
from jobreport.store.schema.rows import storable

_CODES: Final = {"services": "service", "types": "type", "states": "ended_state"}
_TEXTS: Final = {"plans": "plan", "resources": "resource", "origins": "origin"}
_ABOUT: Final = ("series", "service", "type", "plan", "resource", "origin", "sort_name")
_FIELDS: Final = SeriesStatus.__struct_fields__
_SOME: Final = table.c.jobs > literal_column("0", Integer)


class _Shape(NamedTuple):
    """Everything on which the text of a statement depends."""

    filters: frozenset[str]
    sort: SeriesSort
    after: bool


def find(connection: Connection, tenant: int, query: SeriesQuery) -> SeriesPage:
    """Returns the page of `query` among the series of `tenant`."""
    where = query.where
    if not all(map(storable, (where.search, *where.plans, *where.resources, *where.origins))):
        return SeriesPage(0, (), None)
    names = frozenset(name for name in where.__struct_fields__ if getattr(where, name))
    shape = _Shape(names, query.sort, query.after is not None)
    values = {"tenant": tenant, "size": query.size + 1, **_values(connection, where)}
    if query.after:
        values |= {"after_time": query.after.key, "after_number": query.after.filed, "after_name": query.after.job_id}
    total = int(_count(names).value(connection, values))
    rows = _page(shape).rows(connection, values)
    page = rows[: query.size]
    found = tuple(_series(row) for row in page)
    return SeriesPage(total, found, _position(query.sort, found[-1], page[-1][6]) if len(rows) > query.size else None)


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
    number, service, kind, plan, resource, origin = row[:6]
    return Series(
        number=number,
        service=ServiceType(service),
        type=JobType(kind),
        plan=plan,
        resource=resource,
        origin=origin,
        status=SeriesStatus(**dict(zip(_FIELDS, row[len(_ABOUT) :], strict=True))),
    )


def _position(sort: SeriesSort, last: Series, name: str) -> Position:
    time = {
        SeriesKeys.NAME: 0,
        SeriesKeys.LAST_GOOD: last.status.good_finish,
        SeriesKeys.NOT_GOOD_SINCE: last.status.not_good_since or _last(sort),
    }
    return Position(time[sort.key], last.number, name)


def _last(sort: SeriesSort) -> int:
    return -1 if sort.descending else INT64_MAX


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


@lru_cache(maxsize=512)
def _page(shape: _Shape) -> Prepared:
    sort = shape.sort
    time, name = _time(sort), shape.sort.key is SeriesKeys.NAME
    order: list[ColumnElement[Any]] = [table.c.sort_name if name else time, table.c.series]
    conditions = _conditions(shape.filters)
    if shape.after:
        given: list[ColumnElement[Any]] = [
            bindparam("after_name", type_=Text()) if name else bindparam("after_time", type_=BigInteger()),
            bindparam("after_number", type_=Integer()),
        ]
        here, there = tuple_(*order), tuple_(*given)
        conditions.append(here < there if sort.descending else here > there)
    ordered = (column.desc() if sort.descending else column.asc() for column in order)
    columns = (table.c[column] for column in (*_ABOUT, *_FIELDS))
    return Prepared(select(*columns).where(*conditions).order_by(*ordered).limit(bindparam("size")))


def _time(sort: SeriesSort) -> ColumnElement[int]:
    if sort.key is SeriesKeys.LAST_GOOD:
        return table.c.good_finish
    last = literal_column(str(_last(sort)), BigInteger)
    none = table.c.not_good_since == literal_column("0", BigInteger)
    return case((none, last), else_=table.c.not_good_since)
