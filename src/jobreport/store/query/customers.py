"""Reads how the series of many tenants stand, for a line each: what is old, what fails, and how their nights were."""

from bisect import bisect_right
from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, Final, NamedTuple

from sqlalchemy import BigInteger, Connection, Integer, bindparam, case, exists, func, literal_column, select

from jobreport.model import nights, ticks
from jobreport.model.catalog import JobState
from jobreport.model.good_copy_age import COPIES, DAILY
from jobreport.model.nights import NightHours
from jobreport.store.db import dialect_of
from jobreport.store.db.expressions import any_of, walk
from jobreport.store.db.prepared import Prepared
from jobreport.store.derived.counts import ANY, day_of
from jobreport.store.query.agreed_ages import Told, agreed
from jobreport.store.query.codes import constant
from jobreport.store.schema.jobs import job, job_count, series, series_count

_OLD: Final = Prepared(
    walk(
        select(*(series.c[name] for name in ("tenant", "series", "type", "jobs", "heard", "good_finish", "not_good"))),
        series,
        "series_good",
    ).where(
        any_of(series.c.tenant),
        series.c.good_finish > literal_column("0", BigInteger),
        series.c.good_finish < bindparam("before", type_=BigInteger()),
        series.c.type.in_([literal_column(str(int(kind)), Integer) for kind in sorted(COPIES)]),
    )
)
_NAMES: Final = Prepared(
    select(series.c.plan, series.c.resource).where(
        series.c.tenant == bindparam("tenant"), series.c.series == bindparam("series")
    )
)
_NONE: Final = literal_column("0", Integer)
_COUNTS: Final = Prepared(
    select(
        series_count.c.tenant,
        series_count.c.service,
        func.sum(series_count.c.series),
        func.sum(series_count.c.not_good),
        # Where some are not good, those that never were good are among them.
        func.sum(case((series_count.c.not_good == _NONE, series_count.c.never_good), else_=_NONE)),
    )
    .where(any_of(series_count.c.tenant))
    .group_by(series_count.c.tenant, series_count.c.service)
)
_BADNESS: Final = (JobState.Successful, JobState.Exception, JobState.Stopped, JobState.Failed)
"""The states of jobs that have ended, the worst last. (A skipped one did nothing.)"""
_LONGEST: Final = 7 * ticks.PER_DAY
"""Jobs that were not good and took longer than this (ticks) may be missing in the nights."""
_NOT_GOOD: Final = Prepared(
    walk(select(job.c.tenant, job.c.state, job.c.finish), job, "job_state").where(
        any_of(job.c.tenant),
        job.c.state.in_([constant(state) for state in _BADNESS[1:]]),
        job.c.state != constant(JobState.Successful),
        job.c.filed >= bindparam("started", type_=BigInteger()),
        job.c.filed <= bindparam("until", type_=BigInteger()),
        job.c.finish >= bindparam("since", type_=BigInteger()),
        job.c.finish <= bindparam("until", type_=BigInteger()),
    )
)


@lru_cache(maxsize=8)
def _good(nights: int) -> Prepared:
    """Returns the statement that says of each tenant in which of so many nights a job was successful: one look into the
    index for each. `begin0` is when the first one begins (ticks), `begin1` the second, and so on.
    """
    there = select(job_count.c.tenant).where(
        any_of(job_count.c.tenant),
        job_count.c.service == constant(ANY),
        job_count.c.type == constant(ANY),
        job_count.c.state == constant(JobState.Successful),
        job_count.c.day >= bindparam("first", type_=Integer()),
        job_count.c.day <= bindparam("last", type_=Integer()),
        job_count.c.ended > _NONE,
    )
    some = there.group_by(job_count.c.tenant).subquery("some")
    looks = [
        exists(
            walk(select(literal_column("1", Integer)), job, "job_ended")
            .where(
                job.c.tenant == some.c.tenant,
                job.c.finish >= bindparam(f"begin{place}", type_=BigInteger()),
                job.c.finish < bindparam(f"begin{place + 1}", type_=BigInteger()),
                # The condition of the index stands last: SQLite begins to read at the first lower bound.
                job.c.finish > literal_column("0", BigInteger),
                job.c.state == constant(JobState.Successful),
            )
            .correlate(some)
        ).label(f"night{place}")
        for place in range(nights)
    ]
    return Prepared(select(some.c.tenant, *looks))


class Old(NamedTuple):
    """A series whose last good copy is old: when that was made, and the age that is agreed, or else the default (ticks;
    None if there is none). `not_good`: how many of its jobs are not good since.
    """

    series: int
    good_finish: int
    not_good: int
    agreed: int | None


class Service(NamedTuple):
    """How many series of one service there are, how many are not good, and how many never were, of those that are not
    counted as not good.
    """

    service: int
    series: int
    not_good: int
    unjudged: int


def old(connection: Connection, max_ages: Mapping[int, int], now: int) -> dict[int, list[Old]]:
    """Returns the series of each tenant whose last good copy is older than agreed with the tenant at `now` (ticks).

    `max_ages`: what is agreed with each tenant (ticks); 0 if nothing is: then those that are older than `DAILY`.
    """
    rows: dict[int, list[tuple[Told, int, int]]] = {}
    limits = {tenant: now - (age or DAILY) for tenant, age in max_ages.items()}
    values = {"ids": dialect_of(connection).array([*max_ages]), "before": max(limits.values(), default=0)}
    for tenant, number, kind, jobs, heard, good, bad in _OLD.rows(connection, values):
        if good < limits[tenant]:
            rows.setdefault(tenant, []).append((Told(number, kind, jobs, heard), good, bad))
    found = {}
    for tenant, every in rows.items():
        ages = agreed(connection, tenant, [told for told, _, _ in every], max_ages[tenant])
        found[tenant] = [Old(told.series, good, bad, ages[told.series]) for told, good, bad in every]
    return found


def name(connection: Connection, tenant: int, number: int) -> tuple[str, str]:
    """Returns the plan and the resource of a series."""
    ((plan, resource),) = _NAMES.rows(connection, {"tenant": tenant, "series": number})
    return plan, resource


def services(connection: Connection, tenants: Collection[int]) -> dict[int, list[Service]]:
    """Returns how the series of each tenant stand, by service."""
    found: dict[int, list[Service]] = {}
    for tenant, *row in _COUNTS.rows(connection, {"ids": dialect_of(connection).array([*tenants])}):
        found.setdefault(tenant, []).append(Service(*map(int, row)))
    return found


def ended(
    connection: Connection, tenants: Collection[int], hours: NightHours, days: Sequence[date]
) -> dict[int, dict[date, JobState]]:
    """Returns for each tenant the worst state in which a job ended, of each of these nights, which follow each other.

    The nights of all of these tenants must begin at the same `hours`. A night in which none ended, or only skipped
    ones, is left out.
    """
    begins = [nights.begin(hours, day) for day in (*days, days[-1] + timedelta(1))]
    ids = dialect_of(connection).array([*tenants])
    values: dict[str, Any] = {"ids": ids, "first": day_of(begins[0]), "last": day_of(begins[-1])}
    values |= {f"begin{place}": begin for place, begin in enumerate(begins)}
    found: dict[int, dict[date, JobState]] = {}
    for tenant, *looks in _good(len(days)).rows(connection, values):
        found[tenant] = {day: JobState.Successful for day, there in zip(days, looks, strict=True) if there}
    since, until = begins[0], begins[-1] - 1
    values = {"ids": ids, "since": since, "until": until, "started": since - _LONGEST}
    for tenant, state, finish in _NOT_GOOD.rows(connection, values):
        day, worst = days[bisect_right(begins, finish) - 1], JobState(state)
        of_it = found.setdefault(tenant, {})
        if day not in of_it or _BADNESS.index(worst) > _BADNESS.index(of_it[day]):
            of_it[day] = worst
    return found
