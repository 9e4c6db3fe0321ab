"""Remembers the old good copies of tenants: how old each may become, and so when it gets too old.

After a week without reports all series of a tenant are old. To read and to judge a hundred thousand of them takes
seconds. So the few numbers that are needed of each are kept beside each other, until a job of the tenant changes.
"""

from array import array
from bisect import bisect_left
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import accumulate, islice
from operator import add
from threading import Lock
from typing import Final, NamedTuple, TypeGuard
from weakref import WeakKeyDictionary

from sqlalchemy import BigInteger, Connection, Engine, Integer, bindparam, case, exists, literal_column, select

from jobreport.model import ticks
from jobreport.model.good_copy_age import COPIES, DAILY, Ages, Agreed
from jobreport.store.db import dialect_of
from jobreport.store.db.expressions import any_of, walk
from jobreport.store.db.prepared import Prepared
from jobreport.store.query import unchanged
from jobreport.store.query.agreed_ages import Told, defaults
from jobreport.store.query.unchanged import Mark
from jobreport.store.schema.jobs import series
from jobreport.store.schema.registry import tenant as tenants_table

_AHEAD: Final = 5 * 60 * ticks.PER_SECOND
"""Copies that will be old in this time are read too (ticks), so that not each request finds some more."""
_UNKNOWN: Final = -1
"""The age of a copy of which nothing tells how old it may become."""
_WIDTH: Final = 7
"""The number of columns of a row."""
_ZERO: Final = literal_column("0", Integer)
_ONE: Final = literal_column("1", Integer)
_SINCE: Final = bindparam("since", type_=BigInteger())
_BEFORE: Final = bindparam("before", type_=BigInteger())
_WITH_OLD: Final = Prepared(
    select(tenants_table.c.tenant).where(
        any_of(tenants_table.c.tenant),
        exists(
            walk(select(_ONE), series, "series_good")
            .where(
                series.c.tenant == tenants_table.c.tenant,
                series.c.good_finish > literal_column("0", BigInteger),
                series.c.good_finish < _BEFORE,
            )
            .correlate(tenants_table)
        ),
    )
)
_OLD: Final = Prepared(
    walk(
        select(
            series.c.good_finish,
            series.c.first,
            *(series.c[name] for name in Told._fields),
            case((series.c.not_good > _ZERO, _ONE), else_=_ZERO),
        ),
        series,
        "series_good",
    ).where(
        series.c.tenant == bindparam("tenant"),
        series.c.good_finish >= _SINCE,
        series.c.good_finish < _BEFORE,
        series.c.type.in_([literal_column(str(int(kind)), Integer) for kind in sorted(COPIES)]),
    )
)


_Row = tuple[int, int, int, int, int, int, int]
"""An old copy: when it was made, and when its series began (ticks); the number of the series; jobs and time of the
newest report of that (`Told`); whether a newer job of it was not good (0 or 1); and how old the copy may become (ticks;
`_UNKNOWN`: nothing tells)."""


class Named(NamedTuple):
    """A series by its names, and how old its copy may become."""

    plan: str
    resource: str
    agreed: Agreed | None


class Copies:
    """The old copies of a tenant whose age counts (`COPIES`), in the order of their time, as they are at one `mark`.

    All that are older than the least of the `ages` at a time are there, if they were made before `before` (ticks).
    """

    def __init__(self, ages: Ages, mark: Mark, before: int, rows: list[_Row]) -> None:
        self.ages, self.mark, self.before = ages, mark, before
        self.named = dict[int, Named]()
        """The names of some of their series, for who has looked them up."""
        rows.sort()
        self._good, self._first, self._series, self._jobs, self._heard, self._bad, self._age = (
            array("q", column) for column in (zip(*rows, strict=True) if rows else [()] * _WIDTH)
        )
        due = [*map(add, self._good, self._age)]
        judged = [place for place, age in enumerate(self._age) if age != _UNKNOWN]
        self._places = array("q", sorted(judged, key=due.__getitem__))
        self._due = array("q", (due[place] for place in self._places))
        self._late = array("q", accumulate((not self._bad[place] for place in self._places), initial=0))
        once = [row for row in rows if row[-1] == _UNKNOWN and not row[-2]] if len(judged) < len(rows) else []
        self._once = array("q", (row[2] for row in once))
        self._once_due = array("q", (row[0] + DAILY for row in once))

    @cached_property
    def _by_series(self) -> "array[int]":
        return array("q", sorted(range(len(self._series)), key=self._series.__getitem__))

    def rows(self) -> Iterator[_Row]:
        """Gives all of them."""
        return zip(self._good, self._first, self._series, self._jobs, self._heard, self._bad, self._age, strict=True)

    def known_ages(self, asked: Sequence[tuple[int, int, int]]) -> Iterator[int | None]:
        """Gives for each series with its jobs and the time of its newest report how old its copy may become; None if
        that may have changed.
        """
        places = dict(zip(self._series, range(len(self._series)), strict=True))
        for number, jobs, heard in asked:
            place = places.get(number)
            if place is not None and self._jobs[place] == jobs and self._heard[place] == heard:
                yield self._age[place]
            else:
                yield None

    def has_old(self, now: int) -> bool:
        """Whether one of them is older at `now` (ticks) than the least age that is agreed."""
        return bool(self._good) and self._good[0] < now - self.ages.least

    def first(self, now: int, without: Collection[int]) -> tuple[int, int] | None:
        """Returns series and time of the copy that is the first to get too old, or did so first, among those that are
        old at `now`; None if there is none. Left out: the series `without` names, also below.
        """
        old = now - self.ages.least
        for place in self._places:
            if self._good[place] < old and self._series[place] not in without:
                return self._series[place], self._good[place]
        return None

    def numbers(self, now: int, without: Collection[int] = ()) -> tuple[int, int, int]:
        """Returns how many are too old at `now`, of how many of these the series is good, and how many of good series
        are old, while nothing tells how old they may become.
        """
        over = bisect_left(self._due, now)
        late, once = self._late[over], bisect_left(self._once_due, now)
        for number in without:
            place = bisect_left(self._by_series, number, key=self._series.__getitem__)
            if place == len(self._by_series) or self._series[self._by_series[place]] != number:
                continue
            place = self._by_series[place]
            if self._age[place] == _UNKNOWN:
                once -= not self._bad[place] and self._good[place] + DAILY < now
            elif self._good[place] + self._age[place] < now:
                over, late = over - 1, late - (not self._bad[place])
        return over, late, once

    def longest(self, now: int, most: int, without: Collection[int]) -> list[int]:
        """Returns the series whose copies are the oldest of those that are too old at `now`, though the series is good;
        at most so many.
        """
        columns = zip(self._series, self._good, self._age, self._bad, strict=True)
        late = (
            number
            for number, good, age, bad in columns
            if not bad and age != _UNKNOWN and good + age < now and number not in without
        )
        return [*islice(late, most)]

    def late(self, now: int) -> list[int]:
        """Returns the good series whose copies are too old at `now`."""
        places = self._places[: bisect_left(self._due, now)]
        return [self._series[place] for place in places if not self._bad[place]]

    def once(self, now: int) -> list[int]:
        """Returns the good series whose copies are old at `now`, while nothing tells how old they may become."""
        return [*self._once[: bisect_left(self._once_due, now)]]


_KNOWN: Final[WeakKeyDictionary[Engine, dict[int, Copies]]] = WeakKeyDictionary()
_READING: Final[WeakKeyDictionary[Engine, dict[int, Lock]]] = WeakKeyDictionary()
"""Locks of tenants: many may look at once, and what takes one of them seconds need not be read by each."""


def copies(connection: Connection, ages: Mapping[int, Ages], now: int) -> dict[int, Copies]:
    """Returns the copies of each tenant that are older at `now` (ticks) than the least of the `ages` that are agreed
    with it, and perhaps more. Tenants without such a copy are left out.
    """
    known = _KNOWN.setdefault(connection.engine, {})
    by_least: dict[int, list[int]] = {}
    for tenant, of_it in ages.items():
        by_least.setdefault(of_it.least, []).append(tenant)
    dialect = dialect_of(connection)
    asked = [
        tenant
        for least, several in by_least.items()
        for (tenant,) in _WITH_OLD.rows(connection, {"ids": dialect.array(several), "before": now - least})
    ]
    locks = _READING.setdefault(connection.engine, {})
    found = {}
    for tenant, mark in unchanged.of_tenants(connection, asked).items():
        kept, before = known.get(tenant), now - ages[tenant].least
        if not _is_true(kept, ages[tenant], mark) or kept.before < before:
            with locks.setdefault(tenant, Lock()):
                kept = known.get(tenant)
                if not _is_true(kept, ages[tenant], mark):
                    kept = known[tenant] = _read(connection, tenant, ages[tenant], mark, before + _AHEAD, kept)
                elif kept.before < before:
                    kept = known[tenant] = _read_more(connection, tenant, kept, before + _AHEAD)
        found[tenant] = kept
    return found


def _is_true(kept: Copies | None, ages: Ages, mark: Mark) -> TypeGuard[Copies]:
    """Whether what is remembered still holds."""
    return kept is not None and (kept.ages, kept.mark) == (ages, mark)


def _read(connection: Connection, tenant: int, ages: Ages, mark: Mark, before: int, was: Copies | None) -> Copies:
    """Returns all copies from before a time; `was` knows how old some of them may become."""
    return Copies(ages, mark, before, _rows(connection, tenant, ages, 1, before, was))


def _read_more(connection: Connection, tenant: int, was: Copies, before: int) -> Copies:
    """Returns the same copies with those that were made later, before a time."""
    more = _rows(connection, tenant, was.ages, was.before, before, None)
    return Copies(was.ages, was.mark, before, [*was.rows(), *more])


def _rows(connection: Connection, tenant: int, ages: Ages, since: int, before: int, was: Copies | None) -> list[_Row]:
    rows = _OLD.rows(connection, {"tenant": tenant, "since": since, "before": before})
    said: list[int | None] = [None] * len(rows)
    if was and was.ages == ages:
        said = [*was.known_ages([(row[2], row[-3], row[-2]) for row in rows])]
    missing = [Told(*row[2:-1]) for row, age in zip(rows, said, strict=True) if age is None]
    found = {told.series: one.age for told in missing if (one := ages.agreed(*told.about))}
    by_default = defaults(connection, tenant, [told for told in missing if told.series not in found])
    found |= {number: one.age if one else _UNKNOWN for number, one in by_default.items()}
    return [
        (good, first, number, jobs, heard, bad, found[number] if age is None else age)
        for (good, first, number, *_, jobs, heard, bad), age in zip(rows, said, strict=True)
    ]
