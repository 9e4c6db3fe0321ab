"""Repairs the faults that `admin.check` finds: makes what is derived from the jobs anew, where it is wrong."""

from collections.abc import Iterable
from itertools import islice
from typing import Final

from sqlalchemy import Connection, and_, bindparam, delete, insert

from jobreport.store.db import dialect_of, locks
from jobreport.store.derived import causes, series, series_counts, series_texts, subjects, trigrams
from jobreport.store.derived.recount import Derived, Key, Values
from jobreport.store.derived.series_parts import Reader

_PREFIX: Final = "of_"
_JOBS: Final = 5_000
"""So many jobs get another cause at a time."""


def repair_days(connection: Connection, tenant: int, derived: Derived, days: set[int]) -> None:
    """Counts the jobs of these days again, and corrects every row that differs."""
    dialect_of(connection).lift_time_limits(connection)
    locks.lock(connection, tenant)
    none = (0,) * len(derived.values)
    true = derived.recount(connection, tenant, days)
    kept = {key: values for key, values in derived.kept(connection, tenant).items() if key[0] in days}
    wrong = sorted(key for key in kept.keys() | true.keys() if kept.get(key, none) != true.get(key, none))
    stale = [_parameters(tenant, derived, key, prefix=_PREFIX) for key in wrong if key in kept]
    fresh = [_parameters(tenant, derived, key, true[key]) for key in wrong if key in true]
    if stale:
        columns = [derived.table.c[name] for name in ("tenant", "day", *derived.codes)]
        of_key = and_(*(column == bindparam(_PREFIX + column.name) for column in columns))
        connection.execute(delete(derived.table).where(of_key), stale)
    if fresh:
        connection.execute(insert(derived.table), fresh)


def repair_series(connection: Connection, tenant: int, numbers: Iterable[int]) -> None:
    """Puts every subject into its own series, and reads again from the jobs how these series stand, and those that have
    lost or won a subject. Then counts the series again.
    """
    dialect_of(connection).lift_time_limits(connection)
    locks.lock(connection, tenant)
    changed = subjects.place(connection, tenant, subjects.misplaced(connection, tenant))
    good = series.good_states(connection, tenant)
    every = sorted(changed.union(numbers))
    series.write(connection, tenant, {number: Reader(connection, tenant, number, good).whole() for number in every})
    series_texts.repair(connection, tenant)
    # To store a series changes the counts by what was stored of it before, which was wrong.
    series_counts.store(connection, tenant, series_counts.recounted(connection, tenant))


def repair_causes(connection: Connection, tenant: int) -> None:
    """Gives every job of the tenant its own cause, where it has another."""
    dialect_of(connection).lift_time_limits(connection)
    locks.lock(connection, tenant)
    wrong = causes.wrong(connection, tenant)
    while part := [*islice(wrong, _JOBS)]:
        causes.fill(connection, tenant, part)


def repair_trigrams(connection: Connection) -> None:
    """Makes the index of parts of job IDs again if it is still wrong, and so that of the names of series. Only for a
    store in a file.
    """
    if not trigrams.is_consistent(connection):
        trigrams.rebuild(connection)
    if not series_texts.is_consistent(connection):
        series_texts.rebuild(connection)


def _parameters(tenant: int, derived: Derived, key: Key, values: Values = (), *, prefix: str = "") -> dict[str, int]:
    names = ("tenant", "day", *derived.codes, *(derived.values if values else ()))
    return {f"{prefix}{name}": value for name, value in zip(names, (tenant, *key, *values), strict=True)}
