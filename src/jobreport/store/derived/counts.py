"""Kept counts: how many jobs a tenant has, for each UTC day, service, type and state. And how many ended on each day.

They are changed in the transaction that changes the jobs, so they are always exact. A total is the sum of one row for
each day, and a deep page is found by adding up days, where an OFFSET would pass over all jobs before it.

A job is counted in eight rows of its day: for its service or `ANY`, its type or `ANY`, its state or `ANY`. So a
question with any of these filters, or with none, reads one row for each day. Example: a failed job of service 3 and
type 5 is counted in the row "service 3, type 5, failed", in "any service, any type, failed", and in six others.

A job that began on Friday and ended on Saturday is one of Friday's `jobs`, and one of Saturday's `ended`.
"""

from collections import Counter
from collections.abc import Iterable
from itertools import product
from typing import Final

from sqlalchemy import Connection

from jobreport.model import ticks
from jobreport.model.verdict import StoredJob
from jobreport.store.db.bulk_write import PreparedAdd
from jobreport.store.schema.jobs import job_count as table

ANY: Final = -1
"""Stands for every service, type or state. No real code is negative."""

_Key = tuple[int, int, int, int]
"""Service, type, state and day."""

_CODES: Final = ("service", "type", "state")


_ADD: Final = PreparedAdd(table, "jobs", "ended")

Change = tuple[StoredJob | None, StoredJob | None]
"""A job as it was stored before and as it is stored now. The first is None if the job is new, the second if it was
deleted."""


def apply(connection: Connection, tenant: int, changes: Iterable[Change]) -> None:
    """Changes the counts of `tenant` as `changes` changed its jobs. The caller must hold the tenant's lock."""
    filed: Counter[_Key] = Counter()
    ended: Counter[_Key] = Counter()
    for change in changes:
        for stored, number in zip(change, (-1, 1), strict=True):
            if stored:
                filed[_key(stored, stored.filed)] += number
                if stored.job.finish:
                    ended[_key(stored, stored.job.finish)] += number
    kept: dict[_Key, list[int]] = {}
    for place, differences in enumerate((filed, ended)):
        for (service, kind, state, day), number in differences.items():
            if number:
                for key in product((service, ANY), (kind, ANY), (state, ANY), (day,)):
                    kept.setdefault(key, [0, 0])[place] += number
    if rows := [(tenant, *key, *numbers) for key, numbers in kept.items() if any(numbers)]:
        _ADD.many(connection, rows)


def day_of(moment: int) -> int:
    """Returns the UTC day of a time in ticks. Day 0 is 0001-01-01."""
    return moment // ticks.PER_DAY


def _key(stored: StoredJob, moment: int) -> _Key:
    job = stored.job
    return int(job.service), int(job.type), int(job.state), day_of(moment)
