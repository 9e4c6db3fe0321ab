"""Reads how the series of many tenants stand, for a line each: what is old, what fails, and how their nights were."""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Final, NamedTuple

from sqlalchemy import BigInteger, Connection, Integer, bindparam, case, func, literal_column, select

from jobreport.model import ticks
from jobreport.model.catalog import JobState
from jobreport.model.good_copy_age import COPIES, DAILY
from jobreport.model.nights import NightHours
from jobreport.model.nights import stretches as night_stretches
from jobreport.store.db import dialect_of
from jobreport.store.db.expressions import any_of, walk
from jobreport.store.db.prepared import Prepared
from jobreport.store.query.agreed_ages import Told, agreed
from jobreport.store.schema.jobs import job, series, series_count

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
_DAY: Final = literal_column(str(ticks.PER_DAY), BigInteger)
_BUCKET: Final = ((job.c.finish + bindparam("offset", type_=BigInteger())) // _DAY).label("bucket")
_BADNESS: Final = (JobState.Skipped, JobState.Successful, JobState.Exception, JobState.Stopped, JobState.Failed)
"""The states of jobs that have ended, the worst last."""
_WORST: Final = func.max(
    case(
        *((job.c.state == literal_column(str(int(state)), Integer), place) for place, state in enumerate(_BADNESS)),
        else_=_NONE,
    )
)
_NIGHTS: Final = Prepared(
    walk(select(job.c.tenant, _BUCKET, _WORST), job, "job_ended")
    .where(
        any_of(job.c.tenant),
        job.c.finish >= bindparam("since", type_=BigInteger()),
        job.c.finish <= bindparam("until", type_=BigInteger()),
        # The condition of the index stands last: SQLite begins to read at the first lower bound.
        job.c.finish > literal_column("0", BigInteger),
    )
    .group_by(job.c.tenant, literal_column("bucket", BigInteger))
)


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
    connection: Connection, tenants: Collection[int], hours: NightHours, since: int, until: int
) -> dict[int, dict[date, JobState]]:
    """Returns for each tenant and night the worst state in which a job ended, from `since` to `until` (ticks).

    The nights of all of these tenants must begin at the same `hours`. Those without jobs are left out.
    """
    found: dict[int, dict[int, int]] = {}
    ids = dialect_of(connection).array([*tenants])
    for stretch in night_stretches(hours, since, until):
        values = {"ids": ids, "since": stretch.since, "until": stretch.until, "offset": stretch.offset}
        for tenant, bucket, worst in _NIGHTS.rows(connection, values):
            nights = found.setdefault(tenant, {})
            nights[bucket] = max(worst, nights.get(bucket, 0))
    days = {bucket: date.fromordinal(bucket + 1) for nights in found.values() for bucket in nights}
    return {
        tenant: {days[bucket]: _BADNESS[worst] for bucket, worst in nights.items()} for tenant, nights in found.items()
    }
