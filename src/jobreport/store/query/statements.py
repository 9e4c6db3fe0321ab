"""The statements that read jobs. Each is made once for all questions of one shape (`conditions.Shape`).

Their parameters are those of `conditions.values`. If a statement has more of them, its function names these.
"""

from functools import lru_cache
from typing import Any, Final

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    FromClause,
    Integer,
    Select,
    bindparam,
    func,
    literal_column,
    select,
    true,
)

from jobreport.model import ticks
from jobreport.model.query import Sort, SortKey
from jobreport.store.db.expressions import any_of
from jobreport.store.db.prepared import Prepared
from jobreport.store.query import keyset, totals
from jobreport.store.query.conditions import Shape, narrowed
from jobreport.store.schema.jobs import job as table
from jobreport.store.schema.rows import KEY, LINE, keyed

Columns = tuple[ColumnElement[Any], ...]

_COUNT: Final = select(func.count()).select_from(table)
_DAY: Final = table.c.filed // literal_column(str(ticks.PER_DAY), BigInteger)

OF_IDS: Final = Prepared(select(*LINE).where(table.c.tenant == bindparam("tenant"), any_of(table.c.job_id)))
"""Reads the jobs with these `ids`, with the columns `rows.LINE`, in no certain order."""


@lru_cache(maxsize=1024)
def count(shape: Shape) -> Prepared:
    """Returns the statement that counts the jobs of the shape."""
    return Prepared(narrowed(_COUNT, shape))


@lru_cache(maxsize=256)
def count_by_day(shape: Shape) -> Prepared:
    """Returns the statement that counts the jobs of the shape on each UTC day that has any."""
    return Prepared(narrowed(select(_DAY, func.count()).select_from(table).group_by(_DAY), shape))


@lru_cache(maxsize=256)
def count_parts(shape: Shape, parts: int) -> Prepared:
    """Returns the statement for the total of the shape's codes on some days, from the kept counts, and for the number
    of jobs in each of `parts` time ranges, which are counted.

    More parameters: those of `totals.kept`, and for the time ranges `since0`, `until0`, `since1` and so on.
    """
    counted = (narrowed(_COUNT, shape, behind=str(number)) for number in range(parts))
    return Prepared(select(*(part.scalar_subquery() for part in (totals.select_total(shape.codes), *counted))))


@lru_cache(maxsize=256)
def first_page(shape: Shape, sort: Sort) -> Prepared:
    """Returns the statement for the first `size` jobs. Before the columns `rows.LINE`, each row has the total of the
    shape's codes, from the kept counts.

    If there is no job, there is one row with only the total. More parameters: `size`, and those of `totals.kept`.
    """
    ordered = narrowed(select(*LINE), shape).order_by(*keyset.ordered(sort, ended=shape.ended))
    page = ordered.limit(bindparam("size")).subquery("page")
    whole = totals.select_total(shape.codes).subquery("whole")
    columns = (page.c[column.name] for column in LINE)
    order = _by_time(sort, page)
    return Prepared(select(whole.c.jobs, *columns).select_from(whole.outerjoin(page, true())).order_by(*order))


@lru_cache(maxsize=1024)
def page(shape: Shape, sort: Sort, *, after: bool, by_key: bool, each_pair: bool) -> Prepared:
    """Returns the statement for the first `size` jobs in an order, with the columns `rows.LINE`.

    `after`: only jobs after a position in the order. `by_key`: the first `skip` jobs are left out. They are passed in
    the index only, without reading their rows; then the rows of the page are looked up by the keys that the index
    contains. `each_pair` (only on a server): the jobs of each pair of service and type are read separately, at most
    `most` of each; that must be enough for the page and all jobs before it.
    """
    order, place = keyset.ordered(sort, ended=shape.ended), sort if after else None
    if not by_key:
        return Prepared(narrowed(select(*LINE), shape, after=place).order_by(*order).limit(bindparam("size")))
    if each_pair:
        keys = _keys_of_pairs(shape, sort, place)
    else:
        keys = narrowed(select(KEY), shape, after=place).order_by(*order)
    on_page = keyed(keys.limit(bindparam("size")).offset(bindparam("skip")).subquery("page"))
    return Prepared(select(*LINE).select_from(on_page).order_by(*order))


@lru_cache(maxsize=256)
def keys(shape: Shape, sort: Sort, *, ordered: bool = False, bounded: bool = False) -> Prepared:
    """Returns the statement for the sort columns (`keyset.columns`) of the jobs; sorted only if `ordered`.

    `bounded`: of at most `most` jobs.
    """
    statement = narrowed(select(*keyset.columns(sort, ended=shape.ended)), shape)
    if ordered:
        statement = statement.order_by(*keyset.ordered(sort, ended=shape.ended))
    return Prepared(statement.limit(bindparam("most")) if bounded else statement)


@lru_cache(maxsize=128)
def every(shape: Shape, sort: Sort, columns: Columns) -> Prepared:
    """Returns the statement for these columns of all jobs of the shape, in order."""
    return Prepared(narrowed(select(*columns), shape).order_by(*keyset.ordered(sort, ended=shape.ended)))


def _keys_of_pairs(shape: Shape, sort: Sort, after: Sort | None) -> Select[Any]:
    """Returns a query for the keys of the first `most` jobs of each pair of service and type. The index is read no
    further than that.

    If all pairs were in one condition, PostgreSQL might choose the index of all jobs instead. More parameters:
    `pair_services` and `pair_types`, two lists of the same length: the first service and the first type are a pair.
    """
    sides = {"service": "pair_services", "type": "pair_types"}
    pair = select(
        *(func.unnest(bindparam(given, type_=ARRAY(Integer))).label(name) for name, given in sides.items())
    ).subquery("pair")
    mine = narrowed(select(KEY, table.c.filed, table.c.job_id), shape, after=after, pair=pair)
    first = mine.order_by(*keyset.ordered(sort, ended=shape.ended)).limit(bindparam("most")).lateral("first")
    return select(first.c.key).select_from(pair.join(first, true())).order_by(*_by_time(sort, first))


def _by_time(sort: Sort, of: FromClause) -> tuple[ColumnElement[Any], ...]:
    """Returns the ORDER BY terms of an order by start or by end, for the columns of a subquery."""
    columns = (*((of.c.finish,) if sort.key is SortKey.FINISH else ()), of.c.filed, of.c.job_id)
    return tuple(column.desc() if sort.descending else column.asc() for column in columns)
