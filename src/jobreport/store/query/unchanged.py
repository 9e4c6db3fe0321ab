"""Notices whether any job of a tenant has changed, so that what was read from many jobs or series can be cached.

Each change of a job adds a random number to those of its days (`derived.counts`), and how a series stands follows from
its jobs. So as long as these numbers are the same, what was read is still right.
"""

from collections.abc import Collection
from typing import Final, NamedTuple

from sqlalchemy import Connection, func, select

from jobreport.store.db import dialect_of
from jobreport.store.db.expressions import any_of
from jobreport.store.db.prepared import Prepared
from jobreport.store.derived.counts import ANY
from jobreport.store.query.codes import constant
from jobreport.store.schema.jobs import job_count

_ALL_JOBS: Final = tuple(job_count.c[name] == constant(ANY) for name in ("service", "type", "state"))
_OF_TENANTS: Final = Prepared(
    select(job_count.c.tenant, func.count(), func.sum(job_count.c.changes))
    .where(any_of(job_count.c.tenant), *_ALL_JOBS)
    .group_by(job_count.c.tenant)
)


class Changes(NamedTuple):
    """A value that differs after any change: the number of UTC days that have jobs, and the sum of what each day's kept
    counts say of its changes.
    """

    days: int
    changes: int


def of_tenants(connection: Connection, tenants: Collection[int]) -> dict[int, Changes]:
    """Returns the mark of each tenant. It is another one after each change of a job of the tenant."""
    found = dict.fromkeys(tenants, Changes(0, 0))
    if tenants:
        for tenant, days, changes in _OF_TENANTS.rows(connection, {"ids": dialect_of(connection).array([*tenants])}):
            found[tenant] = Changes(days, int(changes))
    return found
