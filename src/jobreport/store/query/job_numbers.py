"""Reads how many jobs tenants have by service, type and state, from the kept counts of all their days."""

from collections.abc import Collection
from typing import Final, NamedTuple
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, bindparam, func, select

from jobreport.store.db.prepared import Prepared
from jobreport.store.derived.counts import ANY
from jobreport.store.query import unchanged
from jobreport.store.query.codes import constant
from jobreport.store.query.unchanged import Changes
from jobreport.store.schema.jobs import job_count

_CODES: Final = tuple(job_count.c[name] for name in ("service", "type", "state"))
_JOBS: Final = func.sum(job_count.c.jobs)
_NUMBERS: Final = Prepared(
    select(*_CODES, _JOBS)
    .where(job_count.c.tenant == bindparam("tenant"), *(code > constant(ANY) for code in _CODES))
    .group_by(*_CODES)
    .having(constant(0) < _JOBS)
)


class JobNumber(NamedTuple):
    """How many jobs have these codes."""

    service: int
    type: int
    state: int
    jobs: int


_KNOWN: Final[WeakKeyDictionary[Engine, dict[int, tuple[Changes, tuple[JobNumber, ...]]]]] = WeakKeyDictionary()


def job_numbers(connection: Connection, tenants: Collection[int]) -> dict[int, tuple[JobNumber, ...]]:
    """Returns how many jobs each tenant has, of those codes of which it has any.

    A tenant has thousands of rows of counts, so what they add up to is remembered until one of its jobs changes.
    """
    known = _KNOWN.setdefault(connection.engine, {})
    found = {}
    for tenant, mark in unchanged.of_tenants(connection, tenants).items():
        there = known.get(tenant)
        if there is None or there[0] != mark:
            rows = _NUMBERS.rows(connection, {"tenant": tenant})
            there = known[tenant] = mark, tuple(JobNumber(*map(int, row)) for row in rows)
        found[tenant] = there[1]
    return found
