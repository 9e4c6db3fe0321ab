"""Adds up how changed jobs change what is kept of each UTC day: the counts (`counts`) and the sums (`sums`).

Many jobs of a transaction are alike, so each job is looked at once, and then only the groups are.
"""

from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import Connection

from jobreport.model import ticks
from jobreport.model.stored_job import StoredJob
from jobreport.store.derived import counts, sums

Change = tuple[StoredJob | None, StoredJob | None]
"""A job as it was stored before and as it is stored now. The first is None if the job is new, the second if it was
deleted."""


class Group(NamedTuple):
    """What the jobs of a group have in common: codes, and the days on which they are filed and ended (-1: not yet)."""

    service: int
    type: int
    state: int
    filed: int
    ended: int


def apply(connection: Connection, tenant: int, changes: Iterable[Change]) -> None:
    """Changes the counts and sums of `tenant` as `changes` changed its jobs. The caller must hold the tenant's lock."""
    groups = grouped(changes)
    counts.add(connection, tenant, groups)
    sums.add(connection, tenant, groups)


def grouped(changes: Iterable[Change]) -> dict[Group, list[int]]:
    """Returns for each group by how much its jobs (their number) and the columns `sums.VALUES` have changed."""
    groups: dict[tuple[int, ...], list[int]] = {}
    for change in changes:
        sign = -1
        for stored in change:
            if stored is not None:
                job = stored.job
                finish = job.finish
                # Plain numbers: a member of an enumeration has a slow hash.
                key = (
                    job.service._value_,
                    job.type._value_,
                    job.state._value_,
                    stored.filed // ticks.PER_DAY,
                    finish // ticks.PER_DAY if finish else -1,
                )
                group = groups.get(key)
                if group is None:
                    group = groups[key] = [0, 0, 0, 0, 0, 0, 0]
                group[0] += sign
                group[1] += sign * job.failed
                group[2] += sign * job.successful
                group[3] += sign * job.skipped
                group[4] += sign * job.total
                group[5] += sign * (job.size // sums.HALF)
                group[6] += sign * (job.size % sums.HALF)
            sign = 1
    return {Group._make(key): values for key, values in groups.items()}
