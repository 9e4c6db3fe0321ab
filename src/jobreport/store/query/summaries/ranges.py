"""The time range of a summary: its bounds, the first and the last job, and the days that have jobs."""

from typing import Final

from sqlalchemy import ColumnElement, Connection, bindparam, select

from jobreport.model import ticks
from jobreport.model.query import Clock
from jobreport.model.summary import SummaryQuery
from jobreport.store.db.prepared import Prepared
from jobreport.store.derived.counts import day_of
from jobreport.store.query import indexes, totals
from jobreport.store.query.codes import Codes, constant
from jobreport.store.query.indexes import Index
from jobreport.store.schema.jobs import job as table
from jobreport.store.schema.jobs import job_count

Extent = tuple[int, int]
"""The filed times of the oldest and the newest job, in ticks."""


def extent(connection: Connection, tenant: int, clock: Clock = Clock.STARTED) -> Extent | None:
    """Returns the filed times of the tenant's oldest and newest job, in ticks; None if the tenant has no jobs. Or, by
    the other clock, the times at which the first and the last job ended.
    """
    ends = [end.rows(connection, {"tenant": tenant}) for end in _ENDS[clock]]
    return (ends[0][0][0], ends[1][0][0]) if ends[0] else None


def _ends(time: ColumnElement[int], index: Index, *conditions: ColumnElement[bool]) -> tuple[Prepared, Prepared]:
    one = indexes.hinted(select(time).where(table.c.tenant == bindparam("tenant"), *conditions).limit(1), index)
    return Prepared(one.order_by(time)), Prepared(one.order_by(time.desc()))


_ENDS: Final = {
    Clock.STARTED: _ends(table.c.filed, Index.TIME),
    Clock.ENDED: _ends(table.c.finish, Index.ENDED, table.c.finish > constant(0)),
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
