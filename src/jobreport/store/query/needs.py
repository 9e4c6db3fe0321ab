"""Judges series: which need somebody, which somebody has, and which cannot be judged (`model.need`).

All pages and the API judge here. Only series that are not good, whose copies are old, of which a job is due, or of
which somebody said something are read.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import BigInteger, Connection, Integer, Text, bindparam, func, literal_column, select

from jobreport.model.catalog import JobState
from jobreport.model.good_copy_age import DAILY, Ages, Agreed
from jobreport.model.need import GRACE, Found, Held, Mark, Need, Standing, held, need_of, standing_of
from jobreport.model.series_query import Series
from jobreport.store.db import dialect_of
from jobreport.store.db.expressions import any_of, walk
from jobreport.store.db.prepared import Prepared
from jobreport.store.query import attention
from jobreport.store.query.agreed_ages import agreed, told_of
from jobreport.store.query.copies import copies
from jobreport.store.query.series_rows import as_series
from jobreport.store.query.series_statements import COLUMNS
from jobreport.store.registry import marks as registry
from jobreport.store.schema.jobs import job, series
from jobreport.store.schema.jobs import subject as subjects
from jobreport.store.schema.rows import ABOUT
from jobreport.store.watch import incidents

_NONE: Final = literal_column("0", BigInteger)
_DUE: Final = Prepared(
    walk(select(job.c.tenant, subjects.c.series, func.max(job.c.filed)), job, "job_state")
    # Outer joins, so that the few jobs are looked up first.
    .join_from(job, subjects, ABOUT, isouter=True)
    .outerjoin(series, (series.c.tenant == subjects.c.tenant) & (series.c.series == subjects.c.series))
    .where(
        any_of(job.c.tenant),
        job.c.state == literal_column(str(int(JobState.NotStarted)), Integer),
        job.c.filed <= bindparam("due", type_=BigInteger()),
        # Not those that the watch wrote, since nothing is known of them.
        ~job.c.job_id.between(literal_column("'MR0'", Text), literal_column("'MR:'", Text)),
        job.c.filed > func.coalesce(series.c.good_filed, _NONE),
        func.coalesce(subjects.c.series, literal_column("0", Integer)) > literal_column("0", Integer),
        # The condition of the index.
        job.c.state != literal_column(str(int(JobState.Successful)), Integer),
    )
    .group_by(job.c.tenant, subjects.c.series)
)
_THESE: Final = Prepared(
    select(*COLUMNS).where(
        series.c.tenant == bindparam("tenant"), any_of(series.c.series), series.c.jobs > literal_column("0", Integer)
    )
)


class Judged(NamedTuple):
    """A series, and how it stands. `agreed`: how old its last good copy may become; None if nothing tells. `due`: when
    the newest of its jobs was due that have not started (ticks; 0: none). `base` is its need without that. `mark`: what
    was said of it last, and `held` whether that still holds; None if nothing was said.
    """

    series: Series
    base: Need
    need: Need
    agreed: Agreed | None
    due: int = 0
    mark: Mark | None = None
    held: Held | None = None

    @property
    def holds(self) -> Mark | None:
        """What was said of it, if that still holds."""
        return self.mark if self.held is Held.HOLDS else None

    @property
    def standing(self) -> Standing | None:
        """How it counts; None if it is well."""
        return standing_of(self.need, self.holds)


def special(connection: Connection, ages: Mapping[int, Ages], now: int) -> dict[int, list[Judged]]:
    """Returns the series of which somebody said something, or of which a job should have started at `now` (ticks), by
    tenant. They count otherwise than their jobs and copies alone say. `ages`: what is agreed with each tenant.
    """
    said = registry.of_tenants(connection, ages)
    due = _due(connection, ages, now)
    found = {}
    for tenant in said.keys() | due.keys():
        numbers = {*said.get(tenant, ()), *due.get(tenant, ())}
        listed = these(connection, tenant, numbers)
        marks, when = said.get(tenant, {}), due.get(tenant, {})
        found[tenant] = _judged(connection, tenant, listed, ages[tenant], now, marks, when)
    return found


def judge(connection: Connection, tenant: int, listed: Sequence[Series], ages: Ages, now: int) -> list[Judged]:
    """Returns how these series stand at `now` (ticks), in their order."""
    said = registry.of_tenants(connection, [tenant]).get(tenant, {})
    due = _due(connection, [tenant], now).get(tenant, {})
    return _judged(connection, tenant, listed, ages, now, said, due)


def plainly(connection: Connection, tenant: int, listed: Sequence[Series], ages: Ages, at: int) -> list[Judged]:
    """Returns how these series stood at a time (ticks), by the ages that are agreed now. What people said of them, and
    what was due, is not considered.
    """
    return _judged(connection, tenant, listed, ages, at, {}, {})


def standing_so(
    connection: Connection, tenant: int, wanted: Collection[Standing], ages: Ages, now: int
) -> dict[int, Standing]:
    """Returns how each series stands at `now` (ticks), by its number: all of the tenant that stand in one of these
    ways.
    """
    found = dict[int, Standing]()
    old = copies(connection, {tenant: ages}, now).get(tenant)
    if Standing.NEEDS_YOU in wanted:
        late = old.late(now) if old else []
        found |= dict.fromkeys([*attention.failing_numbers(connection, tenant), *late], Standing.NEEDS_YOU)
    if Standing.NOT_JUDGED in wanted:
        found |= dict.fromkeys(attention.unjudged_numbers(connection, tenant), Standing.NOT_JUDGED)
    if Standing.NO_RHYTHM in wanted and old:
        found |= dict.fromkeys(old.once(now), Standing.NO_RHYTHM)
    for one in special(connection, {tenant: ages}, now).get(tenant, ()):
        found.pop(one.series.number, None)
        if (standing := one.standing) and standing in wanted:
            found[one.series.number] = standing
    return found


def _judged(
    connection: Connection,
    tenant: int,
    listed: Sequence[Series],
    ages: Ages,
    now: int,
    said: Mapping[int, Mark],
    due: Mapping[int, int],
) -> list[Judged]:
    # Of what is younger than everything that may be agreed, and than a daily copy may be, it need not be looked up.
    before = now - min(ages.least, DAILY)
    old = [one for one in listed if one.status.good_id and one.status.good_finish < before]
    known = agreed(connection, tenant, [told_of(one) for one in old], ages)
    marked = {one.status.ended_id for one in listed if one.number in said}
    causes = attention.why(connection, tenant, marked - {""})
    going_on = incidents.open_among(connection, tenant, {one.number for one in listed if one.number in said})
    found = []
    for one in listed:
        number, status, age = one.number, one.status, known.get(one.number)
        base = need_of(one.type, status, age, 0, now)
        when = due.get(number, 0)
        need = need_of(one.type, status, age, when, now)
        mark = said.get(number)
        cause = causes[status.ended_id].code if status.ended_id in causes else ""
        found_so = found_now(need, one, cause, when)
        holds = held(mark, found_so, now, is_open=number in going_on) if mark else None
        found.append(Judged(one, base, need, age, when, mark, holds))
    return found


def found_now(need: Need, one: Series, cause: str, due: int) -> Found:
    """Returns how a series is found, to be compared with how it was found when it was marked."""
    status = one.status
    return Found(need, status.ended_state, cause, status.good_filed, max(status.newest_filed, due))


def cause_of(connection: Connection, tenant: int, one: Series) -> str:
    """Returns the code of the cause of the newest job of a series that has ended; empty if it has none."""
    known = attention.why(connection, tenant, {one.status.ended_id} - {""})
    return known[one.status.ended_id].code if known else ""


def _due(connection: Connection, tenants: Collection[int], now: int) -> dict[int, dict[int, int]]:
    found: dict[int, dict[int, int]] = {}
    values: dict[str, Any] = {"ids": dialect_of(connection).array([*tenants]), "due": now - GRACE}
    for tenant, number, filed in _DUE.rows(connection, values):
        found.setdefault(tenant, {})[number] = filed
    return found


def these(connection: Connection, tenant: int, numbers: Collection[int]) -> list[Series]:
    """Returns those of the series of these numbers that have jobs, in any order."""
    values: dict[str, Any] = {"tenant": tenant, "ids": dialect_of(connection).array(sorted(numbers))}
    return [as_series(row) for row in _THESE.rows(connection, values)]
