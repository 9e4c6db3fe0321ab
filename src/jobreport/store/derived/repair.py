"""Repairs the faults that `admin.check` finds: makes kept counts, or the index of job IDs, from the jobs again."""

from collections.abc import Mapping
from typing import Final

from sqlalchemy import Connection, bindparam, delete, insert

from jobreport.store.db import dialect_of, locks
from jobreport.store.derived import trigrams
from jobreport.store.derived.recount import Key, kept_counts, recount
from jobreport.store.schema.jobs import job_count

_OF_KEY: Final = (
    job_count.c.tenant == bindparam("of_tenant"),
    job_count.c.day == bindparam("of_day"),
    job_count.c.service == bindparam("of_service"),
    job_count.c.type == bindparam("of_type"),
    job_count.c.state == bindparam("of_state"),
)


def repair_counts(connection: Connection, tenant: int, days: set[int]) -> None:
    """Counts the jobs of these days again, and corrects every kept count that differs."""
    dialect_of(connection).lift_time_limits(connection)
    locks.lock(connection, tenant)
    true = recount(connection, tenant, days)
    found = {key: jobs for key, jobs in kept_counts(connection, tenant).items() if key[0] in days}
    wrong = sorted(key for key in found.keys() | true.keys() if found.get(key, 0) != true.get(key, 0))
    stale = [key for key in wrong if key in found]
    fresh = [key for key in wrong if true.get(key)]
    if stale:
        connection.execute(delete(job_count).where(*_OF_KEY), [_parameters(tenant, key, "of_") for key in stale])
    if fresh:
        rows: list[Mapping[str, int]] = [{**_parameters(tenant, key), "jobs": true[key]} for key in fresh]
        connection.execute(insert(job_count), rows)


def repair_trigrams(connection: Connection) -> None:
    """Makes the index of parts of job IDs again, if it is still wrong. Only for a store in a file."""
    if not trigrams.is_consistent(connection):
        trigrams.rebuild(connection)


def _parameters(tenant: int, key: Key, prefix: str = "") -> dict[str, int]:
    names = ("tenant", "day", "service", "type", "state")
    return {f"{prefix}{name}": value for name, value in zip(names, (tenant, *key), strict=True)}
