"""Tells of each tenant how its old good copies stand: which is the first that gets too old, and how many are too old.

What that rests on only changes when a series does, so it is remembered for each tenant. The database adds up the old
series of a tenant, and only if the sums differ from the remembered ones are they read one by one.
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from itertools import accumulate
from typing import Any, Final, NamedTuple
from weakref import WeakKeyDictionary

from sqlalchemy import BigInteger, Connection, Engine, Integer, bindparam, case, func, literal_column, select
from sqlalchemy.sql.elements import ColumnElement

from jobreport.model.good_copy_age import COPIES, DAILY, Ages, Agreed
from jobreport.store.db import dialect_of
from jobreport.store.db.expressions import any_of, walk
from jobreport.store.db.prepared import Prepared
from jobreport.store.query.agreed_ages import Told, agreed
from jobreport.store.schema.jobs import series

_MODULUS: Final = literal_column(str(2**31 - 1), BigInteger)
"""Sums of times would be too large for an integer, so only the remainders are added up."""
_ZERO: Final = literal_column("0", Integer)
_ONE: Final = literal_column("1", Integer)
_BAD: Final = case((series.c.not_good > _ZERO, _ONE), else_=_ZERO)


def _of_old(*columns: ColumnElement[Any]) -> Any:
    return walk(select(*columns), series, "series_good").where(
        any_of(series.c.tenant),
        series.c.good_finish > literal_column("0", BigInteger),
        series.c.good_finish < bindparam("before", type_=BigInteger()),
        series.c.type.in_([literal_column(str(int(kind)), Integer) for kind in sorted(COPIES)]),
    )


_MARKS: Final = Prepared(
    _of_old(
        series.c.tenant,
        func.count(),
        func.sum(series.c.jobs),
        func.sum(_BAD),
        func.max(series.c.heard),
        func.sum(series.c.heard % _MODULUS),
        func.sum(series.c.good_finish % _MODULUS),
    ).group_by(series.c.tenant)
)
_OLD: Final = Prepared(_of_old(series.c.tenant, *(series.c[name] for name in (*Told._fields, "good_finish")), _BAD))
_NAMES: Final = Prepared(
    select(series.c.plan, series.c.resource).where(
        series.c.tenant == bindparam("tenant"), series.c.series == bindparam("series")
    )
)

_Mark = tuple[Any, ...]
"""What is agreed with a tenant, which series are left out, and the sums of its old series."""


class OldCopies(NamedTuple):
    """The old good copies of a tenant. `series`, with this plan and resource, has the one that is the first to get too
    old, or did so first. It was made at `good_finish` (ticks), and `agreed` is how old it may become. All of these are
    0, empty or None if no copy can be judged.

    `over`: how many are too old; `late`: how many of these are of series whose jobs are all good since; `once`: how
    many such series have an old copy and no known rhythm (`model.need`).
    """

    series: int
    plan: str
    resource: str
    good_finish: int
    agreed: Agreed | None
    over: int
    late: int
    once: int


class _Known(NamedTuple):
    """The old series of a tenant in the order in which their copies get too old: at `due` (ticks). `late` has the
    number of those, among the first so many, whose jobs are all good since. `once`: when the copies become old (ticks)
    of which nothing tells how old they may become.
    """

    mark: _Mark
    first: tuple[int, str, str, int, Agreed | None]
    due: "array[int]"
    late: "array[int]"
    once: "array[int]"


_KNOWN: Final[WeakKeyDictionary[Engine, dict[int, _Known]]] = WeakKeyDictionary()


def old_copies(
    connection: Connection, ages: Mapping[int, Ages], now: int, without: Mapping[int, frozenset[int]] | None = None
) -> dict[int, OldCopies]:
    """Returns how the copies of each tenant stand that are older at `now` (ticks) than the least of the `ages` that are
    agreed with it. Left out: tenants without such a copy, and of each tenant the series `without` names.
    """
    left_out = without or {}
    known = _KNOWN.setdefault(connection.engine, {})
    by_ages: dict[Ages, list[int]] = {}
    for tenant, of_it in ages.items():
        by_ages.setdefault(of_it, []).append(tenant)
    found = {}
    for agreed_ages, tenants in by_ages.items():
        before = now - agreed_ages.least
        values: dict[str, Any] = {"ids": dialect_of(connection).array(tenants), "before": before}
        marks: dict[int, _Mark] = {
            tenant: (agreed_ages, left_out.get(tenant, frozenset()), *sums)
            for tenant, *sums in _MARKS.rows(connection, values)
        }
        changed = [one for one, mark in marks.items() if one not in known or known[one].mark != mark]
        if changed:
            known.update(_read(connection, {one: marks[one] for one in changed}, agreed_ages, before))
        for tenant in marks:
            kept = known[tenant]
            over = bisect_left(kept.due, now)
            found[tenant] = OldCopies(*kept.first, over, kept.late[over], bisect_left(kept.once, now))
    return found


def _read(connection: Connection, marks: Mapping[int, _Mark], ages: Ages, before: int) -> Iterable[tuple[int, _Known]]:
    rows: dict[int, list[tuple[Told, int, int]]] = {one: [] for one in marks}
    values: dict[str, Any] = {"ids": dialect_of(connection).array([*marks]), "before": before}
    for tenant, *told, good, bad in _OLD.rows(connection, values):
        if told[0] not in marks[tenant][1]:
            rows[tenant].append((Told(*told), good, bad))
    for tenant, every in rows.items():
        said = agreed(connection, tenant, [told for told, _, _ in every], ages)
        judged = sorted(
            (good + one.age, told.series, good, bad) for told, good, bad in every if (one := said[told.series])
        )
        due = array("q", (one[0] for one in judged))
        late = array("q", accumulate((not one[3] for one in judged), initial=0))
        once = array("q", sorted(good + DAILY for told, good, bad in every if said[told.series] is None and not bad))
        first: tuple[int, str, str, int, Agreed | None] = (0, "", "", 0, None)
        if judged:
            _, number, good, _ = judged[0]
            ((plan, resource),) = _NAMES.rows(connection, {"tenant": tenant, "series": number})
            first = number, plan, resource, good, said[number]
        yield tenant, _Known(marks[tenant], first, due, late, once)
