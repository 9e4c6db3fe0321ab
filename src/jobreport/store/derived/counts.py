"""Kept counts: how many jobs a tenant has, for each UTC day, service, type and state. And how many ended on each day.

They are changed in the transaction that changes the jobs, so they are always exact. A total is the sum of one row for
each day, and a deep page is found by adding up days, where an OFFSET would pass over all jobs before it.

A job is counted in eight rows of its day: for its service or `ANY`, its type or `ANY`, its state or `ANY`. So a
question with any of these filters, or with none, reads one row for each day. Example: a failed job of service 3 and
type 5 is counted in the row "service 3, type 5, failed", in "any service, any type, failed", and in six others.

A job that began on Friday and ended on Saturday is one of Friday's `jobs`, and one of Saturday's `ended`.

The row of all jobs of a day also says by `changes` whether any of them has changed: it is another number each time. So
what was read from the jobs of the day can be remembered (`store.cache.part_days`).
"""

import random
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection, update

from jobreport.model import ticks
from jobreport.store.db.bulk_write import PreparedAdd
from jobreport.store.schema.jobs import job_count as table

if TYPE_CHECKING:
    from jobreport.store.derived.days import Group

ANY: Final = -1
"""Stands for every service, type or state. No real code is negative."""

_BITS: Final = 31
"""Of the numbers that are added to `changes`: a row that was deleted and comes again is another one, too."""

_Key = tuple[int, ...]
"""Service, type, state and day."""

_ALL: Final = (ANY, ANY, ANY)
_ADD: Final = PreparedAdd(table, "jobs", "ended", "changes")


def add(connection: Connection, tenant: int, groups: "Mapping[Group, Sequence[int]]") -> None:
    """Adds to the counts of `tenant` how many jobs more there are in each group (the first number of its values).

    The caller must hold the tenant's lock.
    """
    differences: dict[_Key, list[int]] = {}
    days: set[int] = set()
    for group, (number, *_) in groups.items():
        codes = group[:3]
        days.add(group.filed)
        differences.setdefault((*codes, group.filed), [0, 0])[0] += number
        if group.ended >= 0:
            days.add(group.ended)
            differences.setdefault((*codes, group.ended), [0, 0])[1] += number
    every = _widened(differences)
    # A job whose times move within a day changes no number, but what is remembered of parts of the day.
    changed: dict[_Key, int] = {(*_ALL, day): random.getrandbits(_BITS) + 1 for day in days}
    if rows := [
        (tenant, *key, jobs, ended, changed.get(key, 0))
        for key, (jobs, ended) in every.items()
        if jobs or ended or key in changed
    ]:
        _ADD.many(connection, rows)


def _widened(numbers: Mapping[_Key, list[int]]) -> dict[_Key, list[int]]:
    """Returns the numbers of these keys, and those of each key that has `ANY` in place of some of its codes.

    One code after another is widened, of what has come of the one before: that is few, where many are alike in it.
    """
    every = dict(numbers)
    for place in (2, 1, 0):
        wider: dict[_Key, list[int]] = {}
        for key, (jobs, ended) in every.items():
            name = (*key[:place], ANY, *key[place + 1 :])
            known = wider.get(name)
            if known is None:
                wider[name] = [jobs, ended]
            else:
                known[0] += jobs
                known[1] += ended
        every |= wider
    return every


def touch(connection: Connection, tenant: int) -> None:
    """Makes all that was read of the tenant's jobs and series be read again, since it changed otherwise than by a job.

    The caller must hold the tenant's lock.
    """
    every = [table.c[name] == ANY for name in ("service", "type", "state")]
    more = table.c.changes + random.getrandbits(_BITS) + 1
    connection.execute(update(table).where(table.c.tenant == tenant, *every).values(changes=more))


def day_of(moment: int) -> int:
    """Returns the UTC day of a time in ticks. Day 0 is 0001-01-01."""
    return moment // ticks.PER_DAY
