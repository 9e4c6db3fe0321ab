"""Kept sums: the objects and bytes of a tenant's jobs, for each UTC day, service and type.

Like the kept counts, they are changed in the transaction that changes the jobs. They add up all states.
"""

from collections.abc import Iterable
from typing import Final

from sqlalchemy import Connection

from jobreport.store.db.bulk_write import PreparedAdd
from jobreport.store.derived.counts import Change, day_of
from jobreport.store.schema.jobs import job_sum as table

HALF: Final = 1 << 32
"""Sizes in bytes are added up in two parts, `size // HALF` and `size % HALF`: one sum of all may be too large for a
database."""
OBJECTS: Final = ("failed", "successful", "skipped", "total")
"""The columns with numbers of objects."""
SIZES: Final = ("size_upper", "size_lower")
"""The columns with the two parts of the bytes."""
VALUES: Final = (*OBJECTS, *SIZES)

_ADD: Final = PreparedAdd(table, *VALUES)
_Key = tuple[int, int, int]
"""Service, type and day."""


def apply(connection: Connection, tenant: int, changes: Iterable[Change]) -> None:
    """Changes the sums of `tenant` as `changes` changed its jobs. The caller must hold the tenant's lock."""
    sums: dict[_Key, list[int]] = {}
    for change in changes:
        for stored, sign in zip(change, (-1, 1), strict=True):
            if stored is None:
                continue
            job = stored.job
            key = int(job.service), int(job.type), day_of(stored.filed)
            if (sum_ := sums.get(key)) is None:
                sum_ = sums[key] = [0, 0, 0, 0, 0, 0]
            sum_[0] += sign * job.failed
            sum_[1] += sign * job.successful
            sum_[2] += sign * job.skipped
            sum_[3] += sign * job.total
            sum_[4] += sign * (job.size // HALF)
            sum_[5] += sign * (job.size % HALF)
    if rows := [(tenant, *key, *values) for key, values in sums.items() if any(values)]:
        _ADD.many(connection, rows)
