"""Reads the page that is asked for most often: a first one in the order of an index, with its total from the counts.

What is needed for it beside the jobs themselves follows from the query alone, so it is made once for equal queries.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Connection

from jobreport.model import ticks
from jobreport.model.query import JobQuery, Page
from jobreport.store.db import Dialect
from jobreport.store.db.prepared import Prepared
from jobreport.store.query import codes, conditions, day_window, pages, statements
from jobreport.store.query.conditions import Shape
from jobreport.store.query.pages import TotalOf
from jobreport.store.query.totals import Days


class FirstPage(NamedTuple):
    """How the first page of `query` is read.

    `shape` names the index that has exactly the matching jobs, in order; `statement` reads them there. Their total is
    the sum of the kept counts of the shape's codes on `days`. `values` has all parameters except the tenant.
    """

    query: JobQuery
    shape: Shape
    days: Days
    values: Mapping[str, Any]
    statement: Prepared


def plan(dialect: Dialect, query: JobQuery) -> FirstPage | None:
    """Returns how the page is read; None for a query of another kind.

    It must ask for the first page; an index must have exactly the matching jobs in the order of time; and the range
    must begin and end at midnight UTC, so that the kept counts give the total without a correction.
    """
    since = query.where.since
    # Most other queries are known by this. They would push those out that are remembered.
    if query.page or query.after or (since is not None and since % ticks.PER_DAY):
        return None
    return _plan(dialect, query)


@lru_cache(maxsize=1024)
def _plan(dialect: Dialect, query: JobQuery) -> FirstPage | None:
    where = query.where
    if not query.is_short:
        return None
    shape = conditions.shape_of(dialect, where)
    index = conditions.direct_index(shape)
    days = day_window.whole_days(*where.range)
    if not index or days != day_window.days(*where.range) or days[0] > days[1]:
        return None
    shape = shape._replace(by=index)
    values = {**codes.counted_values(where), "first": days[0], "last": days[1], "size": query.size}
    statement = statements.page(shape, query.sort, after=False, by_key=False, each_pair=False)
    return FirstPage(query, shape, days, values, statement)


def read(connection: Connection, tenant: int, by: FirstPage, total_of: TotalOf) -> Page:
    """Returns the page from one snapshot, which the caller has begun."""
    values = {**by.values, "tenant": tenant}
    total = total_of(connection, values, by.shape.codes, by.days)
    return pages.page_of(by.query, total, by.statement.rows(connection, values) if total else [])


def read_at_once(connection: Connection, tenant: int, by: FirstPage) -> Page:
    """Returns the page, read with its total by a single statement, which always sees one snapshot."""
    rows = statements.first_page(by.shape, by.query.sort).rows(connection, {**by.values, "tenant": tenant})
    return pages.page_of(by.query, max(0, int(rows[0][0])), [row[1:] for row in rows if row[1] is not None])
