"""Counts a tenant's jobs again, to compare with the kept counts or to repair them."""

from collections.abc import Iterable, Iterator
from itertools import product
from typing import Any, Final

from sqlalchemy import BigInteger, Connection, bindparam, func, literal_column, select

from jobreport.model import ticks
from jobreport.store.derived.counts import ANY
from jobreport.store.schema.jobs import job, job_count

Key = tuple[int, int, int, int]
"""The UTC day (day 0 is 0001-01-01), then service, type and state, each a code or `ANY`."""

_DAY: Final = job.c.filed // literal_column(str(ticks.PER_DAY), BigInteger)
_CODES: Final = (job.c.service, job.c.type, job.c.state)
_KEPT: Final = select(job_count.c.day, job_count.c.service, job_count.c.type, job_count.c.state, job_count.c.jobs)


def recount(connection: Connection, tenant: int, days: Iterable[int] | None = None) -> dict[Key, int]:
    """Counts the jobs, and returns what each kept count of the tenant should be, on all days or only on `days`.

    Counts that should be 0 are left out.
    """
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
        # A damaged count may name a day on which no job can be.
        if 0 <= day <= ticks.YEAR_9999 // ticks.PER_DAY:
            first = day * ticks.PER_DAY
            parameters = {"day": day, "first": first, "end": first + ticks.PER_DAY}
            yield from connection.execute(of_day.group_by(*_CODES), parameters)


def kept_counts(connection: Connection, tenant: int) -> dict[Key, int]:
    """Returns every kept count of the tenant as it is stored. Some may be 0."""
    rows = connection.execute(_KEPT.where(job_count.c.tenant == tenant))
    return {(day, service, kind, state): jobs for day, service, kind, state, jobs in rows}
