"""The time range of a summary: its bounds, the first and the last job, and the days that have jobs."""

from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Connection, ScalarSelect, bindparam, select

from jobreport.model import ticks
from jobreport.model.query import Clock
from jobreport.model.summary import SummaryQuery
from jobreport.store.db.prepared import Prepared
from jobreport.store.derived.counts import day_of
from jobreport.store.query import day_window, indexes, totals
from jobreport.store.query.codes import Codes, constant
from jobreport.store.query.indexes import Index
from jobreport.store.schema.jobs import job as table
from jobreport.store.schema.jobs import job_count

Extent = tuple[int, int]
"""The first and the last of some times of jobs, in ticks: of the filed times, or of those when they ended."""


class JobRange(NamedTuple):
    """`extent`: the first and the last filed time of all jobs of a tenant. `counted`: the same of the times by which a
    query counts, the start or the end. Both are None if no job has such a time. `jobs`: how many jobs started, or
    ended, on the days of the query.
    """

    extent: Extent | None
    counted: Extent | None
    jobs: int


def extent(connection: Connection, tenant: int) -> Extent | None:
    """Returns the filed times of the tenant's oldest and newest job, in ticks; None if the tenant has no jobs."""
    oldest, newest = _EXTENT.rows(connection, {"tenant": tenant})[0]
    return None if oldest is None else (oldest, newest)


def job_range(connection: Connection, tenant: int, query: SummaryQuery) -> JobRange:
    """Returns the range of the tenant's jobs for the query. One statement reads it, to save round trips to a server."""
    first, last = day_window.days(*bounds(query))
    values = {"tenant": tenant, "first": first, "last": last}
    *times, jobs = _JOB_RANGES[query.clock].rows(connection, values)[0]
    ends = zip(times[::2], times[1::2], strict=True)
    extents = [None if oldest is None else (oldest, newest) for oldest, newest in ends]
    return JobRange(extents[0], extents[-1], max(0, int(jobs)))


def _first_and_last(
    time: ColumnElement[int], index: Index, *conditions: ColumnElement[bool]
) -> tuple[ScalarSelect[Any], ...]:
    of_tenant = table.c.tenant == bindparam("tenant")
    one = indexes.hinted(select(time).where(of_tenant, *conditions).limit(constant(1)), index)
    return one.order_by(time).scalar_subquery(), one.order_by(time.desc()).scalar_subquery()


def _with_number(clock: Clock, *ends: ScalarSelect[Any]) -> Prepared:
    return Prepared(select(*ends, totals.select_total(Codes(clock=clock)).scalar_subquery()))


_FILED: Final = _first_and_last(table.c.filed, Index.TIME)
_EXTENT: Final = Prepared(select(*_FILED))
_JOB_RANGES: Final = {
    Clock.STARTED: _with_number(Clock.STARTED, *_FILED),
    Clock.ENDED: _with_number(
        Clock.ENDED, *_FILED, *_first_and_last(table.c.finish, Index.ENDED, table.c.finish > constant(0))
    ),
}


def within(query: SummaryQuery, there: Extent) -> tuple[int, int]:
    """Returns the range of the query (ticks, both included), limited to the days from the oldest to the newest job."""
    since, until = bounds(query)
    first, last = (day_of(end) for end in there)
    begin, end = first * ticks.PER_DAY, (last + 1) * ticks.PER_DAY - 1
    return begin if since is None else max(begin, since), end if until is None else min(end, until)


def bounds(query: SummaryQuery) -> tuple[int | None, int | None]:
    """Returns the bounds of the times by which the jobs are counted."""
    where = query.where
    return (where.ended_since, where.ended_until) if query.clock is Clock.ENDED else (where.since, where.until)


def _days(codes: Codes) -> Prepared:
    some_jobs = totals.number_of(codes) > constant(0)
    return Prepared(select(job_count.c.day).where(*totals.kept(codes), some_jobs).order_by(job_count.c.day))


DAYS: Final = {clock: _days(Codes(clock=clock)) for clock in Clock}
"""The statements for the UTC days on which jobs started, or ended."""
