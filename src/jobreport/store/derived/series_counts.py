"""Kept counts of series: how many a tenant has by service, type, and the state of the newest job that has ended.

So the total of a list of series, and what a provider sees of each tenant, need no look at the series themselves. They
are changed in the transaction that changes the series.
"""

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from sqlalchemy import Connection, bindparam, delete, insert, select

from jobreport.model.series import SeriesStatus
from jobreport.store.db import dialect_of
from jobreport.store.db.bulk_write import PreparedAdd
from jobreport.store.db.expressions import any_of
from jobreport.store.db.prepared import Prepared
from jobreport.store.schema.jobs import series, series_count

VALUES: Final = ("series", "not_good", "never_good")
Key = tuple[int, int, int]
"""Service, type and state; 0 is the state of a series of which no job has ended."""
Counts = dict[Key, list[int]]
"""What is kept for each key, in the order of `VALUES`."""

_MARKED: Final = ("service", "type", "ended_state", "jobs", "not_good", "good_id")
_MARKS: Final = Prepared(
    select(series.c.series, *(series.c[name] for name in _MARKED)).where(
        series.c.tenant == bindparam("tenant"), any_of(series.c.series)
    )
)
_ADD: Final = PreparedAdd(series_count, *VALUES)


class Contribution(NamedTuple):
    """What a series adds to the counts. A series without jobs (`counted` is false) adds nothing."""

    service: int
    type: int
    state: int
    counted: bool
    not_good: bool
    never_good: bool


def mark(service: int, kind: int, status: SeriesStatus) -> Contribution:
    """Returns what counts of a series of this service and type."""
    return _mark(service, kind, status.ended_state, status.jobs, status.not_good, status.good_id)


def _mark(service: int, kind: int, state: int, jobs: int, not_good: int, good_id: str) -> Contribution:
    """Returns what counts of a series with these values of `_MARKED`."""
    return Contribution(service, kind, state, jobs > 0, not_good > 0, not good_id)


def marks(connection: Connection, tenant: int, numbers: Iterable[int]) -> dict[int, Contribution]:
    """Returns what counts of these series, as they are stored."""
    given = {"tenant": tenant, "ids": dialect_of(connection).array(sorted(numbers))}
    return {number: _mark(*kept) for number, *kept in _MARKS.rows(connection, given)}


def apply(
    connection: Connection, tenant: int, marks: Mapping[int, Contribution], statuses: Mapping[int, SeriesStatus]
) -> None:
    """Changes the counts of `tenant` as series change: from `marks` to what counts of `statuses`."""
    change(
        connection,
        tenant,
        [(before, mark(before.service, before.type, statuses[number])) for number, before in marks.items()],
    )


def change(connection: Connection, tenant: int, changes: Iterable[tuple[Contribution, Contribution]]) -> None:
    """Changes the counts of `tenant` as each of these series changes: from the first of the two to the second."""
    counts: Counts = {}
    for before, after in changes:
        if before != after:
            add(counts, before, -1)
            add(counts, after)
    if rows := [(tenant, *key, *values) for key, values in counts.items() if any(values)]:
        _ADD.many(connection, rows)


def add(counts: Counts, one: Contribution, sign: int = 1) -> None:
    """Counts a series, or with a `sign` of -1 takes it out."""
    if not one.counted:
        return
    values = counts.setdefault((one.service, one.type, one.state), [0, 0, 0])
    values[0] += sign
    values[1] += sign * one.not_good
    values[2] += sign * one.never_good


def kept(connection: Connection, tenant: int) -> Counts:
    """Returns what is kept of the tenant, without rows of zeros."""
    columns = (series_count.c[name] for name in ("service", "type", "state", *VALUES))
    rows = connection.execute(select(*columns).where(series_count.c.tenant == tenant))
    return {(service, kind, state): values for service, kind, state, *values in map(tuple, rows) if any(values)}


def store(connection: Connection, tenant: int, counts: Counts) -> None:
    """Stores these counts instead of those that are kept. The caller must hold the tenant's lock."""
    connection.execute(delete(series_count).where(series_count.c.tenant == tenant))
    names = ("tenant", "service", "type", "state", *VALUES)
    if rows := [dict(zip(names, (tenant, *key, *values), strict=True)) for key, values in counts.items()]:
        connection.execute(insert(series_count), rows)


def recounted(connection: Connection, tenant: int) -> Counts:
    """Returns the counts as the stored series say."""
    counts: Counts = {}
    columns = (series.c[name] for name in _MARKED)
    for row in connection.execute(select(*columns).where(series.c.tenant == tenant)):
        add(counts, _mark(*row))
    return counts
