"""Kept sums: the objects and bytes of a tenant's jobs, for each UTC day, service and type.

Like the kept counts, they are changed in the transaction that changes the jobs. They add up all states.
"""

from collections.abc import Mapping, Sequence
from operator import add as add_up
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection

from jobreport.store.db.bulk_write import PreparedAdd
from jobreport.store.schema.jobs import job_sum as table

if TYPE_CHECKING:
    from jobreport.store.derived.days import Group

HALF: Final = 1 << 32
"""Sizes in bytes are added up in two parts, `size // HALF` and `size % HALF`: one sum of all may be too large for a
database."""
OBJECTS: Final = ("failed", "successful", "skipped", "total")
"""The columns with numbers of objects."""
SIZES: Final = ("size_upper", "size_lower")
"""The columns with the two parts of the bytes."""
VALUES: Final = (*OBJECTS, *SIZES)

_ADD: Final = PreparedAdd(table, *VALUES)


def add(connection: Connection, tenant: int, groups: "Mapping[Group, Sequence[int]]") -> None:
    """Adds to the sums of `tenant` what the jobs of each group have more. The caller must hold the tenant's lock."""
    sums: dict[tuple[int, int, int], list[int]] = {}
    for group, (_, *values) in groups.items():
        key = group.service, group.type, group.filed
        known = sums.get(key)
        sums[key] = values if known is None else [*map(add_up, known, values)]
    if rows := [(tenant, *key, *values) for key, values in sums.items() if any(values)]:
        _ADD.many(connection, rows)
