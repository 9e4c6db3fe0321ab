"""A store in; where its kept counts differ from a recount of its jobs, and what its database says of itself, out."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from typing import Any, Final

import msgspec
from sqlalchemy import BigInteger, Connection, bindparam, delete, func, insert, literal_column, select, union

from jobreport.model import ticks
from jobreport.store import Store, locks, postgresql
from jobreport.store.counts import ANY
from jobreport.store.schema import job, job_count
from jobreport.store.schema import tenant as tenants

Key = tuple[int, int, int, int]
"""The UTC day counted from year 1, then service, type and state; each a code or `ANY`."""

_MAX_FAULTS: Final = 20
_DAY: Final = job.c.filed // literal_column(str(ticks.PER_DAY), BigInteger)
_CODES: Final = (job.c.service, job.c.type, job.c.state)
_KEPT: Final = select(job_count.c.day, job_count.c.service, job_count.c.type, job_count.c.state, job_count.c.jobs)
_OF_KEY: Final = (
    job_count.c.tenant == bindparam("of_tenant"),
    job_count.c.day == bindparam("of_day"),
    job_count.c.service == bindparam("of_service"),
    job_count.c.type == bindparam("of_type"),
    job_count.c.state == bindparam("of_state"),
)


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """A count that is not what its jobs say. `tenant` is its name; codes are -1 for any."""

    tenant: str
    day: str
    service: int
    type: int
    state: int
    kept: int
    true: int


class Checked(msgspec.Struct, frozen=True, kw_only=True):
    """What a check found. `faults` are the database's own words; where there are some, nothing was recounted."""

    tenants: int
    jobs: int
    faults: tuple[str, ...]
    differences: tuple[Difference, ...]

    @property
    def sound(self) -> bool:
        """Whether all is as it should be."""
        return not self.faults and not self.differences


def check(store: Store, *, repair: bool = False) -> Checked:
    """What differs; with `repair`, what differed: the wrong counts of a tenant are then set right in one transaction.

    Reads one snapshot a tenant and holds nobody up. A repair recounts the wrong days within its transaction.
    """
    with store.reading() as connection:
        faults = integrity_faults(connection)
        names = _tenants(connection)
    if faults:
        return Checked(tenants=len(names), jobs=0, faults=faults, differences=())
    jobs, found = 0, []
    for number, name in names.items():
        with store.reading() as connection:
            postgresql.be_patient(connection)
            true = recount(connection, number)
            kept = _kept(connection, number)
        jobs += sum(count for key, count in true.items() if key[1:] == (ANY, ANY, ANY))
        wrong = {key: (kept.get(key, 0), true.get(key, 0)) for key in kept.keys() | true.keys()}
        wrong = {key: both for key, both in wrong.items() if both[0] != both[1]}
        found += [_difference(name, key, *wrong[key]) for key in sorted(wrong)]
        if wrong and repair:
            with store.writing() as connection:
                _repair(connection, number, {key[0] for key in wrong})
    return Checked(tenants=len(names), jobs=jobs, faults=(), differences=tuple(found))


def integrity_faults(connection: Connection) -> tuple[str, ...]:
    """What the database's own check of its file complains of; nothing for a database that has no such check."""
    if connection.dialect.name != "sqlite":
        return ()
    said = connection.exec_driver_sql(f"PRAGMA integrity_check({_MAX_FAULTS})").scalars().all()
    return tuple(line for line in said if line != "ok")


def recount(connection: Connection, tenant: int, days: Iterable[int] | None = None) -> dict[Key, int]:
    """Every count of the tenant as its jobs say, of all days or of `days`; none of them is 0."""
    found: dict[Key, int] = {}
    for day, service, kind, state, jobs in _counted(connection, tenant, days):
        for codes in product((service, ANY), (kind, ANY), (state, ANY)):
            key = (day, *codes)
            found[key] = found.get(key, 0) + jobs
    return found


def _counted(connection: Connection, tenant: int, days: Iterable[int] | None) -> Iterator[Any]:
    if days is None:
        yield from connection.execute(
            select(_DAY, *_CODES, func.count()).where(job.c.tenant == tenant).group_by(_DAY, *_CODES)
        )
        return
    of_day = select(bindparam("day"), *_CODES, func.count()).where(
        job.c.tenant == tenant, job.c.filed >= bindparam("first"), job.c.filed < bindparam("end")
    )
    for day in sorted(days):
        # A day beyond every time that a job can have, as a damaged count may name, has no jobs.
        if 0 <= day <= ticks.YEAR_9999 // ticks.PER_DAY:
            first = day * ticks.PER_DAY
            parameters = {"day": day, "first": first, "end": first + ticks.PER_DAY}
            yield from connection.execute(of_day.group_by(*_CODES), parameters)


def _kept(connection: Connection, tenant: int) -> dict[Key, int]:
    rows = connection.execute(_KEPT.where(job_count.c.tenant == tenant))
    return {(day, service, kind, state): jobs for day, service, kind, state, jobs in rows}


def _repair(connection: Connection, tenant: int, days: set[int]) -> None:
    """Sets every count of these days to what the jobs say now: they may have changed since they were looked at."""
    postgresql.be_patient(connection)
    locks.alone(connection, tenant)
    true = recount(connection, tenant, days)
    kept = {key: jobs for key, jobs in _kept(connection, tenant).items() if key[0] in days}
    wrong = sorted(key for key in kept.keys() | true.keys() if kept.get(key, 0) != true.get(key, 0))
    stale = [key for key in wrong if key in kept]
    fresh = [key for key in wrong if true.get(key)]
    if stale:
        connection.execute(delete(job_count).where(*_OF_KEY), [_parameters(tenant, key, "of_") for key in stale])
    if fresh:
        rows: list[Mapping[str, int]] = [{**_parameters(tenant, key), "jobs": true[key]} for key in fresh]
        connection.execute(insert(job_count), rows)


def _parameters(tenant: int, key: Key, prefix: str = "") -> dict[str, int]:
    names = ("tenant", "day", "service", "type", "state")
    return {f"{prefix}{name}": value for name, value in zip(names, (tenant, *key), strict=True)}


def _tenants(connection: Connection) -> dict[int, str]:
    """Every tenant that is known, that has jobs or that has counts, by number; one without a name as `#5`."""
    named = {row.tenant: row.name for row in connection.execute(select(tenants.c.tenant, tenants.c.name))}
    present = connection.execute(union(select(job.c.tenant), select(job_count.c.tenant))).scalars()
    return dict(sorted({**{number: f"#{number}" for number in present}, **named}.items()))


def _difference(tenant: str, key: Key, kept: int, true: int) -> Difference:
    day, service, kind, state = key
    return Difference(tenant=tenant, day=day_name(day), service=service, type=kind, state=state, kept=kept, true=true)


def day_name(day: int) -> str:
    """The ISO date of a UTC day counted from year 1; the number itself where there is no such day."""
    try:
        return ticks.to_iso(day * ticks.PER_DAY, digits=0)[:10]
    except (OverflowError, ValueError):
        return str(day)
