"""Reads how the series of many tenants stand, for a line each: what is old, what fails, and how their nights were."""

from collections.abc import Collection
from datetime import date
from typing import Final, NamedTuple

from sqlalchemy import BigInteger, Connection, Integer, bindparam, func, literal_column, select

from jobreport.model import ticks
from jobreport.model.good_copy_age import DAILY
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
    )
)
_NAMES: Final = Prepared(
    select(series.c.plan, series.c.resource).where(
        series.c.tenant == bindparam("tenant"), series.c.series == bindparam("series")
    )
)
_COUNTS: Final = Prepared(
    select(
        *(series_count.c[name] for name in ("tenant", "service", "state", "series", "not_good", "never_good"))
    ).where(any_of(series_count.c.tenant), series_count.c.series > literal_column("0", Integer))
)
_DAY: Final = literal_column(str(ticks.PER_DAY), BigInteger)
_BUCKET: Final = ((job.c.finish + bindparam("offset", type_=BigInteger())) // _DAY).label("bucket")
_NIGHTS: Final = Prepared(
    walk(select(job.c.tenant, _BUCKET, job.c.state, func.count()), job, "job_ended")
    .where(
        any_of(job.c.tenant),
        job.c.finish >= bindparam("since", type_=BigInteger()),
        job.c.finish <= bindparam("until", type_=BigInteger()),
        # The condition of the index stands last: SQLite begins to read at the first lower bound.
        job.c.finish > literal_column("0", BigInteger),
    )
    .group_by(job.c.tenant, literal_column("bucket", BigInteger), job.c.state)
)


class Old(NamedTuple):
    """A series whose last good copy is older than `DAILY`: when that was made, and the age that is agreed by default
    (ticks; None if its runs do not tell one). `not_good`: how many of its jobs are not good since.
    """

    series: int
    good_finish: int
    not_good: int
    agreed: int | None


class Service(NamedTuple):
    """How many series of one service stand in one way: the state of their newest ended job (0: none has ended)."""

    service: int
    state: int
    series: int
    not_good: int
    never_good: int


def old(connection: Connection, tenants: Collection[int], now: int) -> dict[int, list[Old]]:
    """Returns the series of each tenant whose last good copy is older than `DAILY` at `now` (ticks)."""
    rows: dict[int, list[tuple[Told, int, int]]] = {}
    values = {"ids": dialect_of(connection).array([*tenants]), "before": now - DAILY}
    for tenant, number, kind, jobs, heard, good, bad in _OLD.rows(connection, values):
        rows.setdefault(tenant, []).append((Told(number, kind, jobs, heard), good, bad))
    found = {}
    for tenant, every in rows.items():
        ages = agreed(connection, tenant, [told for told, _, _ in every])
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
        found.setdefault(tenant, []).append(Service(*row))
    return found


def ended(
    connection: Connection, tenants: Collection[int], hours: NightHours, since: int, until: int
) -> dict[int, dict[date, dict[int, int]]]:
    """Returns for each tenant and night how many jobs ended in each state, from `since` to `until` (ticks).

    The nights of all of these tenants must begin at the same `hours`. Those without jobs are left out.
    """
    found: dict[int, dict[date, dict[int, int]]] = {}
    ids = dialect_of(connection).array([*tenants])
    for stretch in night_stretches(hours, since, until):
        values = {"ids": ids, "since": stretch.since, "until": stretch.until, "offset": stretch.offset}
        for tenant, bucket, state, jobs in _NIGHTS.rows(connection, values):
            states = found.setdefault(tenant, {}).setdefault(date.fromordinal(bucket + 1), {})
            states[state] = states.get(state, 0) + jobs
    return found
