"""The statements that read jobs, each made once for all questions of a shape.

Their parameters are those of `conditions.values`; what else one takes, it says.
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
from jobreport.model.query import Sort
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
"""The jobs of these `ids`, as `rows.LINE`, in no order."""


@lru_cache(maxsize=1024)
def count(shape: Shape) -> Prepared:
    """How many jobs there are."""
    return Prepared(narrowed(_COUNT, shape))


@lru_cache(maxsize=256)
def count_by_day(shape: Shape) -> Prepared:
    """How many jobs there are on each UTC day that has some."""
    return Prepared(narrowed(select(_DAY, func.count()).select_from(table).group_by(_DAY), shape))


@lru_cache(maxsize=256)
def count_parts(shape: Shape, parts: int) -> Prepared:
    """How many jobs of the shape's codes there are on some days, by the kept counts, and how many in each of so many
    stretches of time.

    More parameters: those of `totals.kept`, and `since` and `until` with the number of the stretch behind them.
    """
    counted = (narrowed(_COUNT, shape, behind=str(number)) for number in range(parts))
    return Prepared(select(*(part.scalar_subquery() for part in (totals.select_total(shape.codes), *counted))))


@lru_cache(maxsize=256)
def first_page(shape: Shape, sort: Sort) -> Prepared:
    """The total of the shape's codes, by the kept counts, and beside it the first `size` jobs, as `rows.LINE`.

    Where there is no job, a row has just the total. More parameters: those of `totals.kept`.
    """
    ordered = narrowed(select(*LINE), shape).order_by(*keyset.ordered(sort))
    page = ordered.limit(bindparam("size")).subquery("page")
    whole = totals.select_total(shape.codes).subquery("whole")
    columns = (page.c[column.name] for column in LINE)
    order = _by_time(sort, page)
    return Prepared(select(whole.c.jobs, *columns).select_from(whole.outerjoin(page, true())).order_by(*order))


@lru_cache(maxsize=1024)
def page(shape: Shape, sort: Sort, *, after: bool, by_key: bool, each_pair: bool) -> Prepared:
    """The first `size` jobs in an order, or of those `after` a position in it, as `rows.LINE`.

    `by_key`: those behind `skip` more. All that come before are looked at in the index alone, and the rows of the
    page's jobs are looked up by what every index tells of them. `each_pair` (on a server): pairs each for itself, of
    which no more than `most` may be on the page or before it.
    """
    order, place = keyset.ordered(sort), sort if after else None
    if not by_key:
        return Prepared(narrowed(select(*LINE), shape, after=place).order_by(*order).limit(bindparam("size")))
    if each_pair:
        keys = _keys_of_pairs(shape, sort, place)
    else:
        keys = narrowed(select(KEY), shape, after=place).order_by(*order)
    found = keyed(keys.limit(bindparam("size")).offset(bindparam("skip")).subquery("page"))
    return Prepared(select(*LINE).select_from(found).order_by(*order))


@lru_cache(maxsize=256)
def keys(shape: Shape, sort: Sort, *, ordered: bool = False, bounded: bool = False) -> Prepared:
    """The columns of an order, of all jobs, or of at most `most` where it is `bounded`; in this order or in none."""
    found = narrowed(select(*keyset.columns(sort)), shape)
    if ordered:
        found = found.order_by(*keyset.ordered(sort))
    return Prepared(found.limit(bindparam("most")) if bounded else found)


@lru_cache(maxsize=128)
def every(shape: Shape, sort: Sort, columns: Columns) -> Prepared:
    """These columns of all jobs, in order."""
    return Prepared(narrowed(select(*columns), shape).order_by(*keyset.ordered(sort)))


def _keys_of_pairs(shape: Shape, sort: Sort, after: Sort | None) -> Select[Any]:
    """The keys of the jobs, of the first `most` of each pair: not even the index is read further.

    Given all pairs at once, PostgreSQL may take the index of all jobs for the better one. More parameters: the
    `pair_services` and `pair_types`, as many of each.
    """
    sides = {"service": "pair_services", "type": "pair_types"}
    pair = select(
        *(func.unnest(bindparam(given, type_=ARRAY(Integer))).label(name) for name, given in sides.items())
    ).subquery("pair")
    mine = narrowed(select(KEY, table.c.filed, table.c.job_id), shape, after=after, pair=pair)
    first = mine.order_by(*keyset.ordered(sort)).limit(bindparam("most")).lateral("first")
    return select(first.c.key).select_from(pair.join(first, true())).order_by(*_by_time(sort, first))


def _by_time(sort: Sort, of: FromClause) -> tuple[ColumnElement[Any], ...]:
    """The order of time by the columns of a subquery."""
    columns = of.c.filed, of.c.job_id
    return tuple(column.desc() if sort.descending else column.asc() for column in columns)
