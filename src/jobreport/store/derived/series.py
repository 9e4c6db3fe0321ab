"""Kept series: how each thing that repeats stands (`model.series`), changed in the transaction that changes its jobs.

Most changes need no job to be read: a new job comes after all others, or the newest one ends. Where a job that a series
rests on is corrected or deleted, the part that rested on it is read again, by the index of the jobs by subject.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from operator import attrgetter
from typing import Any, Final

from sqlalchemy import Connection, bindparam, delete, func, insert, not_, select

from jobreport.model.catalog import JobState
from jobreport.model.job import fold
from jobreport.model.series import GOOD, GOOD_TOO, NONE, SeriesStatus, Stale
from jobreport.model.stored_job import StoredJob
from jobreport.store.db import dialect_of
from jobreport.store.db.bulk_write import PreparedOverwrite
from jobreport.store.db.expressions import any_of
from jobreport.store.db.prepared import Prepared
from jobreport.store.derived import next_run, series_counts, series_parts, series_texts
from jobreport.store.derived.digests import digest
from jobreport.store.derived.next_run import AT_ONCE
from jobreport.store.schema.jobs import series as table
from jobreport.store.schema.jobs import subject as subjects
from jobreport.store.schema.registry import tenant as tenants

Key = tuple[int, int, str, str, str]
"""Service, type, plan, resource and origin."""
Change = tuple[int, StoredJob | None, StoredJob | None]
"""The number of a series, and a job of it as it was before and as it is now. The first job is None if it is new in the
series, the second if it is no longer in it."""

MAX_SORT_NAME: Final = 240
"""The characters of a name by which series are sorted: an entry of an index may only have some 2,700 bytes."""
FIELDS: Final = SeriesStatus.__struct_fields__
_BATCH: Final = 500
_LENIENT: Final = select(tenants.c.exceptions_good).where(tenants.c.tenant == bindparam("tenant"))
_IS_LENIENT: Final = Prepared(_LENIENT)
# With what the tenant takes for good, so that a write of one job asks one question less.
_STATUS_COLUMNS: Final = (
    *(table.c[name] for name in ("series", "service", "type", *FIELDS)),
    _LENIENT.scalar_subquery(),
)
_OF_TENANT: Final = select(*_STATUS_COLUMNS).where(table.c.tenant == bindparam("tenant"))
_STATUSES: Final = Prepared(_OF_TENANT.where(any_of(table.c.series)))
_STATUS: Final = Prepared(_OF_TENANT.where(table.c.series == bindparam("series")))
_KNOWN: Final = select(table.c.digest, table.c.series).where(
    table.c.tenant == bindparam("tenant"), table.c.digest.in_(bindparam("digests", expanding=True))
)
_LAST: Final = select(func.coalesce(func.max(table.c.series), 0)).where(table.c.tenant == bindparam("tenant"))
_UPDATE: Final = PreparedOverwrite(table, "series", (*FIELDS, "judge_at"))
_values: Final = attrgetter(*FIELDS)


def numbers(connection: Connection, tenant: int, keys: Iterable[Key]) -> dict[Key, int]:
    """Returns the number of each of these series. New ones are added. The caller must hold the tenant's lock."""
    wanted = {digest(key): key for key in keys}
    every, found = list(wanted), dict[bytes, int]()
    for first in range(0, len(every), _BATCH):
        given = {"tenant": tenant, "digests": every[first : first + _BATCH]}
        found.update((row.digest, row.series) for row in connection.execute(_KNOWN, given))
    if missing := sorted(wanted.keys() - found.keys()):
        last: int = connection.execute(_LAST, {"tenant": tenant}).scalar_one()
        found.update((one, number) for number, one in enumerate(missing, last + 1))
        connection.execute(insert(table), [_row(tenant, found[one], wanted[one]) for one in missing])
        series_texts.add(connection, tenant, {found[one]: series_texts.row(*wanted[one][2:]) for one in missing})
    return {key: found[one] for one, key in wanted.items()}


def keys(connection: Connection, tenant: int) -> dict[Key, int]:
    """Returns the number of each series of the tenant."""
    columns = (table.c[name] for name in ("service", "type", "plan", "resource", "origin", "series"))
    rows = connection.execute(select(*columns).where(table.c.tenant == tenant))
    return {(service, kind, *texts): number for service, kind, *texts, number in map(tuple, rows)}


def _row(tenant: int, number: int, key: Key) -> dict[str, object]:
    """Returns the row of a series that has no jobs yet."""
    service, kind, plan, resource, origin = key
    empty = SeriesStatus()
    return {
        "tenant": tenant,
        "series": number,
        "digest": digest(key),
        "service": service,
        "type": kind,
        "plan": plan,
        "resource": resource,
        "origin": origin,
        "folded_plan": fold(plan),
        "folded_resource": fold(resource),
        "sort_name": sort_name(plan, resource),
        **{name: getattr(empty, name) for name in FIELDS},
    }


def sort_name(plan: str, resource: str) -> str:
    """Returns the name by which a series is sorted."""
    return fold(f"{plan} {resource}".strip())[:MAX_SORT_NAME]


def apply(connection: Connection, tenant: int, changes: Iterable[Change]) -> None:
    """Changes the series of `tenant` as `changes` changed its jobs, as `begin` says."""
    begin(connection, tenant, changes)()


def begin(connection: Connection, tenant: int, changes: Iterable[Change]) -> Callable[[], None]:
    """Asks how the series of `tenant` stand whose jobs `changes` changed. Returns a function that changes them so.

    That must be called when the jobs have been written. The caller must hold the tenant's lock. A series whose row was
    lost is passed over: jobs must be stored all the same, and `admin.check` finds and repairs it.
    """
    mine = [change for change in changes if change[0] != NONE]
    if not mine:
        return lambda: None
    if len(mine) == 1:
        return partial(_change_one, connection, tenant, mine[0])
    rows = _asked(connection, tenant, {number for number, _, _ in mine})
    return lambda: _change(connection, tenant, mine, rows())


def _change_one(connection: Connection, tenant: int, change: Change) -> None:
    if not next_run.ends(connection, tenant, *change):
        _change(connection, tenant, [change], _rows(connection, tenant, {change[0]}))


def _change(connection: Connection, tenant: int, mine: Sequence[Change], rows: Sequence[tuple[Any, ...]]) -> None:
    if not rows:
        return
    good = _good_states(lenient=rows[0][-1])
    statuses = {row[0]: _status(row) for row in rows}
    marks = {row[0]: series_counts.mark(row[1], row[2], statuses[row[0]]) for row in rows}
    stale: dict[int, Stale] = {}
    for number, before, after in mine:
        if (status := statuses.get(number)) is None:
            continue
        if before is None:
            assert after
            parts = status.add(after, good)
        else:
            parts = status.replace(before, after, good) if after else status.remove(before, good)
        if parts:
            stale[number] = stale.get(number, Stale.NOTHING) | parts
    for number, parts in stale.items():
        series_parts.Reader(connection, tenant, number, good).read(statuses[number], parts)
    _write(connection, tenant, statuses, marks)


def good_states(connection: Connection, tenant: int) -> frozenset[JobState]:
    """Returns the states in which a job of the tenant leaves a good copy."""
    rows = _IS_LENIENT.rows(connection, {"tenant": tenant})
    return _good_states(lenient=rows[0][0] if rows else None)


def _good_states(*, lenient: bool | None) -> frozenset[JobState]:
    return GOOD_TOO if lenient else GOOD


def read(connection: Connection, tenant: int, numbers: Iterable[int]) -> dict[int, SeriesStatus]:
    """Returns how these series stand, as it is kept."""
    return {row[0]: _status(row) for row in _rows(connection, tenant, numbers)}


def _rows(connection: Connection, tenant: int, numbers: Iterable[int]) -> list[tuple[Any, ...]]:
    """Returns number, service and type of each of these series, the fields of how it stands, and whether the tenant
    takes exceptions for good.
    """
    return _asked(connection, tenant, numbers)()


def _asked(connection: Connection, tenant: int, numbers: Iterable[int]) -> Callable[[], list[tuple[Any, ...]]]:
    every = sorted(numbers)
    if len(every) == 1:
        return _STATUS.begin(connection, {"tenant": tenant, "series": every[0]})
    return _STATUSES.begin(connection, {"tenant": tenant, "ids": dialect_of(connection).array(every)})


def _status(row: Sequence[Any]) -> SeriesStatus:
    return SeriesStatus(*row[3:-1])


def delete_unused(connection: Connection, tenant: int) -> None:
    """Deletes the series of the tenant that have no subjects any more."""
    of_it = (subjects.c.tenant == table.c.tenant, subjects.c.series == table.c.series)
    used = select(subjects.c.subject).where(*of_it).correlate(table).exists()
    unused = table.c.tenant == tenant, not_(used)
    series_texts.remove(connection, tenant, connection.execute(select(table.c.series).where(*unused)).scalars().all())
    connection.execute(delete(table).where(*unused))


def write(connection: Connection, tenant: int, statuses: Mapping[int, SeriesStatus]) -> None:
    """Stores how these series stand, and changes the counts of series."""
    _write(connection, tenant, statuses, series_counts.marks(connection, tenant, statuses))


def _write(
    connection: Connection,
    tenant: int,
    statuses: Mapping[int, SeriesStatus],
    marks: Mapping[int, series_counts.Contribution],
) -> None:
    """Stores how these series stand. `marks` are what counts of them as they are stored now."""
    if not statuses:
        return
    with dialect_of(connection).pipeline(connection):
        series_counts.apply(connection, tenant, marks, statuses)
        _UPDATE.many(connection, [(tenant, number, *_values(statuses[number]), AT_ONCE) for number in sorted(statuses)])
