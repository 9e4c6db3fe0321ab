"""A query in, the page that answers it out: the exact total and the jobs, from one snapshot."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import Connection, FromClause, Join, Text, bindparam, func, literal_column, select, true

from jobreport.model.query import JobQuery, Line, Page, Report
from jobreport.store import access, counts, search, window
from jobreport.store.access import Access, Shape
from jobreport.store.prepared import Parameters, Prepared, Rows
from jobreport.store.rows import ABOUT, KEY, LINE, LISTED, keepable, keyed, listed
from jobreport.store.schema import job as table
from jobreport.store.schema import subject as subjects
from jobreport.store.window import TotalOf, Window

_BATCH: Final = 500
_NOTHING: Final = literal_column("''", Text())
_WHOLE: Final = tuple(
    func.coalesce(column, _NOTHING).label(column.name) if column.table is subjects else column for column in LISTED
)
"""A job whose subject is missing, which `jobreport check` finds, is about nothing. It is counted, so it is listed."""


def find(connection: Connection, tenant: int, query: JobQuery) -> Page:
    """The page of `query` among the jobs of `tenant`, and the total of all that match."""
    total, rows = _answer(connection, tenant, query, whole=True)
    return Page(total, listed(rows))


def report(connection: Connection, tenant: int, query: JobQuery, total_of: TotalOf = counts.total) -> Report:
    """The same, with what a report tells of each job."""
    total, rows = _answer(connection, tenant, query, whole=False, total_of=total_of)
    return Report(total, [Line._make(row) for row in rows])


def first(connection: Connection, tenant: int, query: JobQuery) -> Report:
    """The same by one statement; only for a query that `is_first`."""
    statement = first_of(access.shape(query, access.at_once(query), query.since, query.until))
    days = counts.parameters(tenant, query, *window.whole_days(query))
    rows = statement.rows(connection, {**days, "since": query.since, "until": query.until, "size": query.size})
    return Report(max(0, rows[0][0]), [Line._make(row[1:]) for row in rows if row[1] is not None])


def is_first(query: JobQuery) -> bool:
    """Whether one statement answers the query: a first page in the order of an index, of days that are whole."""
    if query.search or query.page or not access.is_direct(query):
        return False
    days = window.whole_days(query)
    return days == window.days(query.since, query.until) and days[0] <= days[1]


def _answer(
    connection: Connection, tenant: int, query: JobQuery, *, whole: bool, total_of: TotalOf = counts.total
) -> tuple[int, Rows]:
    if not keepable(query.search):
        return 0, []
    codes = access.codes_of(tenant, query)

    def count(since: int | None, until: int | None) -> int:
        """Jobs of a short stretch of time."""
        shape = access.shape(query, access.at_once(query), since, until)
        return int(number_of(shape).value(connection, {**codes, "since": since, "until": until}))

    found = window.find(connection, tenant, query, count, wide=access.is_direct(query), total_of=total_of)
    if query.search and found.total:
        total, job_ids = search.find(connection, tenant, query, found.total)
        return total, _by_ids(connection, tenant, job_ids, whole=whole)
    return found.total, _page(connection, tenant, query, found, codes, whole=whole) if found.size else []


def _page(
    connection: Connection, tenant: int, query: JobQuery, found: Window, codes: Parameters, *, whole: bool
) -> Rows:
    """The rows of the window's page, walked to from its nearer end."""
    backwards = found.older < found.newer
    skip = found.older if backwards else found.newer
    way = access.choose(connection, tenant, query, window.days(found.since, found.until), skip + found.size)
    # PostgreSQL reads a job whole before it judges it by what the index has of it too, unless it needs no more of it.
    by_key = skip > 0 or (connection.dialect.name == "postgresql" and not access.is_direct(query))
    shape = access.shape(query, way, found.since, found.until)
    statement = rows_of(shape, backwards=backwards, by_key=by_key, whole=whole)
    times = {"since": found.since, "until": found.until}
    rows = statement.rows(connection, {**codes, **times, "skip": skip, "size": found.size})
    return rows[::-1] if backwards else rows


def _with_subjects(jobs: FromClause) -> Join:
    """Jobs and what they are about. By an inner join SQLite, with statistics, would read all subjects for each page:
    it would make a Bloom filter of them."""
    return jobs.outerjoin(subjects, ABOUT)


def _by_ids(connection: Connection, tenant: int, job_ids: list[str], *, whole: bool) -> Rows:
    """The rows of these jobs, in the order of `job_ids`."""
    columns = select(*(_WHOLE if whole else LINE)).select_from(_with_subjects(table) if whole else table)
    statement = columns.where(
        table.c.tenant == bindparam("tenant"), table.c.job_id.in_(bindparam("ids", expanding=True))
    )
    found: dict[str, Sequence[Any]] = {}
    for first in range(0, len(job_ids), _BATCH):
        rows = connection.execute(statement, {"tenant": tenant, "ids": job_ids[first : first + _BATCH]})
        found.update((row.job_id, row) for row in rows)
    return [found[job_id] for job_id in job_ids]


@lru_cache(maxsize=512)
def number_of(shape: Shape) -> Prepared:
    """Counts the jobs of a shape: its parameters are those of `access.narrowed`."""
    return Prepared(access.narrowed(select(func.count()).select_from(table), shape))


@lru_cache(maxsize=128)
def first_of(shape: Shape) -> Prepared:
    """The first `size` jobs of a shape, as `rows.LINE`, each behind the total; a row without a job where there is none.

    The total's parameters are those of `counts.SUM`.
    """
    columns = select(*LINE, table.c.filed).select_from(table)
    page = access.narrowed(columns, shape).order_by(*access.order(backwards=False)).limit(bindparam("size"))
    jobs = page.subquery("page")
    whole = counts.SUM.subquery("whole")
    statement = select(whole.c.jobs, *(jobs.c[column.name] for column in LINE))
    return Prepared(
        statement.select_from(whole.outerjoin(jobs, true())).order_by(jobs.c.filed.desc(), jobs.c.job_id.desc())
    )


@lru_cache(maxsize=1024)
def rows_of(shape: Shape, *, backwards: bool, by_key: bool, whole: bool) -> Prepared:
    """The first `size` jobs of a shape, in the report's order or backwards.

    Where they are found `by_key`, those after `skip`: all that come before are looked at in the index alone.

    The columns are `rows.LISTED` where they are to be `whole`, otherwise `rows.LINE`.
    """
    order = access.order(backwards=backwards)
    if not by_key and shape.access is not Access.PAIRS:  # of which all are looked at before the first is known
        whence: FromClause = _with_subjects(table) if whole else table
        columns = select(*(_WHOLE if whole else LINE)).select_from(whence)
        return Prepared(access.narrowed(columns, shape).order_by(*order).limit(bindparam("size")))
    keys = access.narrowed(select(KEY), shape).order_by(*order)
    page = keyed(keys.limit(bindparam("size")).offset(bindparam("skip")).subquery("page"))
    columns = select(*(_WHOLE if whole else LINE)).select_from(_with_subjects(page) if whole else page)
    return Prepared(columns.order_by(*order))
