"""A query in, the page that answers it out: the exact total and the jobs, from one snapshot."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import Connection, FromClause, Join, Select, Text, bindparam, func, literal_column, select, true

from jobreport.model.query import JobQuery, Line, Page, Report
from jobreport.store.db.prepared import Parameters, Prepared, Rows
from jobreport.store.derived import counts
from jobreport.store.query import day_window, indexes, report_search
from jobreport.store.query.day_window import Stretch, TotalOf, Window
from jobreport.store.query.indexes import Access, Shape
from jobreport.store.schema.jobs import job as table
from jobreport.store.schema.jobs import subject as subjects
from jobreport.store.schema.rows import ABOUT, KEY, LINE, LISTED, keepable, keyed, listed

_BATCH: Final = 500
_NOTHING: Final = literal_column("''", Text())
_WHOLE: Final = tuple(
    func.coalesce(column, _NOTHING).label(column.name) if column.table is subjects else column for column in LISTED
)
"""A job whose subject is missing, which `jobreport check` finds, is about nothing. It is counted, so it is listed."""


def find(connection: Connection, tenant: int, query: JobQuery) -> Page:
    """The page of `query` among the jobs of `tenant`, and the total of all that match."""
    total, rows = _answer(connection, tenant, query, whole=True)
    return Page(total, listed(rows()))


def report(connection: Connection, tenant: int, query: JobQuery, total_of: TotalOf = counts.total) -> Report:
    """The same, with what a report tells of each job."""
    return begun(connection, tenant, query, total_of)()


def begun(
    connection: Connection, tenant: int, query: JobQuery, total_of: TotalOf = counts.total
) -> Callable[[], Report]:
    """What gives the same; for its last statement PostgreSQL is only waited for when it is called."""
    total, rows = _answer(connection, tenant, query, whole=False, total_of=total_of)
    return lambda: Report(total, [Line._make(row) for row in rows()])


def first(connection: Connection, tenant: int, query: JobQuery) -> Report:
    """The same by one statement; only for a query that `is_first`."""
    statement = first_of(indexes.shape(query, indexes.at_once(query), query.since, query.until))
    days = counts.parameters(tenant, query, *day_window.whole_days(query))
    rows = statement.rows(connection, {**days, "since": query.since, "until": query.until, "size": query.size})
    return Report(max(0, rows[0][0]), [Line._make(row[1:]) for row in rows if row[1] is not None])


def is_first(query: JobQuery) -> bool:
    """Whether one statement answers the query: a first page in the order of an index, of days that are whole."""
    if query.search or query.page or not indexes.is_direct(query):
        return False
    days = day_window.whole_days(query)
    return days == day_window.days(query.since, query.until) and days[0] <= days[1]


def _answer(
    connection: Connection, tenant: int, query: JobQuery, *, whole: bool, total_of: TotalOf = counts.total
) -> tuple[int, Callable[[], Rows]]:
    if not keepable(query.search):
        return 0, tuple
    codes = indexes.codes_of(tenant, query)

    def numbers(days: tuple[int, int] | None, stretches: Sequence[Stretch]) -> list[int]:
        if days and connection.dialect.name == "postgresql":  # to which each way costs more than a sum
            return _numbers(connection, tenant, query, days, stretches)
        found = [total_of(connection, tenant, query, *days)] if days else []
        for since, until in stretches:
            shape = indexes.shape(query, indexes.at_once(query), since, until)
            found.append(int(number_of(shape).value(connection, {**codes, "since": since, "until": until})))
        return found

    found = day_window.find(connection, tenant, query, numbers, wide=indexes.is_direct(query))
    if query.search and found.total:
        total, job_ids = report_search.find(connection, tenant, query, found.total)
        found_rows = _by_ids(connection, tenant, job_ids, whole=whole)
        return total, lambda: found_rows
    return found.total, _page(connection, tenant, query, found, codes, whole=whole) if found.size else tuple


def _numbers(
    connection: Connection, tenant: int, query: JobQuery, days: tuple[int, int], stretches: Sequence[Stretch]
) -> list[int]:
    """As `window.Numbers`, by one statement."""
    values = counts.parameters(tenant, query, *days)
    for number, (since, until) in enumerate(stretches):
        values |= {f"since{number}": since, f"until{number}": until}
    # A stretch has both ends, and that is all that its shape tells of them.
    shape = indexes.shape(query, indexes.at_once(query), 0, 0)
    statement = numbers_of(shape, len(stretches))
    return [int(number) for number in statement.rows(connection, values)[0]]


def _page(
    connection: Connection, tenant: int, query: JobQuery, found: Window, codes: Parameters, *, whole: bool
) -> Callable[[], Rows]:
    """What gives the rows of the window's page, walked to from its nearer end."""
    backwards = found.older < found.newer
    skip = found.older if backwards else found.newer
    way = indexes.choose(connection, tenant, query, day_window.days(found.since, found.until), skip + found.size)
    # PostgreSQL reads a job whole before it judges it by what the index has of it too, unless it needs no more of it.
    shared = connection.dialect.name == "postgresql"
    by_key = skip > 0 or (shared and not indexes.is_direct(query))
    shape = indexes.shape(query, way, found.since, found.until)
    apart = shared and way is Access.PAIRS
    statement = rows_of(shape, backwards=backwards, by_key=by_key, whole=whole, apart=apart)
    place = {"since": found.since, "until": found.until, "skip": skip, "size": found.size, "most": skip + found.size}
    rows = statement.begun(connection, {**codes, **place})
    return (lambda: rows()[::-1]) if backwards else rows


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
    return Prepared(indexes.narrowed(select(func.count()).select_from(table), shape))


@lru_cache(maxsize=128)
def numbers_of(shape: Shape, stretches: int) -> Prepared:
    """How many jobs of a shape are filed on some days, by the kept counts, and how many in each of some stretches.

    Parameters are those of `counts.SUM`, and `since` and `until` with the number of the stretch behind them.
    """
    jobs = select(func.count()).select_from(table)
    each = (indexes.narrowed(jobs, shape, behind=str(number)) for number in range(stretches))
    return Prepared(select(*(statement.scalar_subquery() for statement in (counts.SUM, *each))))


@lru_cache(maxsize=128)
def first_of(shape: Shape) -> Prepared:
    """The first `size` jobs of a shape, as `rows.LINE`, each behind the total; a row without a job where there is none.

    The total's parameters are those of `counts.SUM`.
    """
    columns = select(*LINE, table.c.filed).select_from(table)
    page = indexes.narrowed(columns, shape).order_by(*indexes.order(backwards=False)).limit(bindparam("size"))
    jobs = page.subquery("page")
    whole = counts.SUM.subquery("whole")
    statement = select(whole.c.jobs, *(jobs.c[column.name] for column in LINE))
    return Prepared(
        statement.select_from(whole.outerjoin(jobs, true())).order_by(jobs.c.filed.desc(), jobs.c.job_id.desc())
    )


@lru_cache(maxsize=1024)
def rows_of(shape: Shape, *, backwards: bool, by_key: bool, whole: bool, apart: bool = False) -> Prepared:
    """The first `size` jobs of a shape, in the report's order or backwards.

    Where they are found `by_key`, those after `skip`: all that come before are looked at in the index alone. `apart`:
    pairs each for itself, of which no more than `most` may be on the page; PostgreSQL only.

    The columns are `rows.LISTED` where they are to be `whole`, otherwise `rows.LINE`.
    """
    order = indexes.order(backwards=backwards)
    if not by_key and shape.access is not Access.PAIRS:  # of which all are looked at before the first is known
        whence: FromClause = _with_subjects(table) if whole else table
        columns = select(*(_WHOLE if whole else LINE)).select_from(whence)
        return Prepared(indexes.narrowed(columns, shape).order_by(*order).limit(bindparam("size")))
    keys = _keys_apart(shape, backwards=backwards) if apart else indexes.narrowed(select(KEY), shape).order_by(*order)
    page = keyed(keys.limit(bindparam("size")).offset(bindparam("skip")).subquery("page"))
    columns = select(*(_WHOLE if whole else LINE)).select_from(_with_subjects(page) if whole else page)
    return Prepared(columns.order_by(*order))


def _keys_apart(shape: Shape, *, backwards: bool) -> Select[Any]:
    """The keys of a shape's jobs, of the first `most` of each pair: not even the index is read further.

    Given all pairs at once, PostgreSQL may take the index of all jobs for the better one.
    """
    pair = indexes.each_code(shape)
    mine = indexes.narrowed(select(KEY, table.c.filed, table.c.job_id), shape, code=pair.c.code)
    first = mine.order_by(*indexes.order(backwards=backwards)).limit(bindparam("most")).lateral("first")
    keys = select(first.c.key).select_from(pair.join(first, true()))
    return keys.order_by(*indexes.order(backwards=backwards, of=first))
