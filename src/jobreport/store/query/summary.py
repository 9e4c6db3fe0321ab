"""A question about groups of jobs in; every group with its exact numbers, from one snapshot, out.

Where the kept counts know the answer they are asked: numbers of jobs by service, type, state and UTC day. So they are
about days of another time zone: a local day is a UTC day, but for the hours at its ends, and only these are counted.
For all else the jobs are added up, by the index with the least to look at.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from operator import itemgetter
from typing import Any, Final, NamedTuple

from msgspec.structs import replace
from sqlalchemy import Connection, bindparam, select

from jobreport.contract.summary_answer import Keys, Tallies
from jobreport.model import ticks, zones
from jobreport.model.errors import InvalidInputError
from jobreport.model.summary import COUNTED, MAX_GROUPS, Key, SummaryQuery
from jobreport.model.zones import Stretch
from jobreport.store.db.prepared import Prepared
from jobreport.store.derived.counts import ANY, day_of
from jobreport.store.query import aggregates, conditions, day_window, totals
from jobreport.store.query.conditions import EVERY, ROW, Codes, Kind, Texts
from jobreport.store.query.costs import Ways
from jobreport.store.query.indexes import FEW, Access, constant
from jobreport.store.query.search import Found
from jobreport.store.schema.jobs import job as table
from jobreport.store.schema.jobs import job_count

_STREAMED: Final = 3
"""How much cheaper an entry is that comes in the order of its group, than one that is collected and sorted."""

Extent = tuple[int, int]
"""When the oldest and the newest job are filed, in ticks."""
Row = tuple[Any, ...]


def extent(connection: Connection, tenant: int) -> Extent | None:
    """Of all jobs of the tenant; None where there are none."""
    ends = [end.rows(connection, {"tenant": tenant}) for end in (_FIRST, _LAST)]
    return (ends[0][0][0], ends[1][0][0]) if ends[0] else None


_FILED: Final = (
    select(table.c.filed)
    .where(table.c.tenant == bindparam("tenant"))
    .with_hint(table, "INDEXED BY job_filed", "sqlite")
    .limit(1)
)
_FIRST: Final = Prepared(_FILED.order_by(table.c.filed))
_LAST: Final = Prepared(_FILED.order_by(table.c.filed.desc()))


def find(
    connection: Connection, tenant: int, query: SummaryQuery, now: int, *, few: int = FEW, most: int = MAX_GROUPS
) -> tuple[Extent | None, Tallies]:
    """From when to when there are jobs at all, and every group of those that match.

    `now` (ticks) is until when a job that runs has lasted. `few` chooses the way, and changes nothing in what is found.
    InvalidInputError where there are more than `most` groups.
    """
    there = extent(connection, tenant)
    found = Tallies(aggregates.told_of(query.more).sums)
    if there is None or not conditions.answerable(query.where):
        return there, found
    since, until = _within(query, there)
    if since <= until:
        within = replace(query, where=replace(query.where, since=since, until=until))
        _Reading(connection, tenant, within, now, few, most, found).read()
    if len(found.groups()) > most:
        raise too_many(most)
    return there, found


def too_many(most: int) -> InvalidInputError:
    """Says what to do."""
    return InvalidInputError.of(
        "by",
        f"gives more than {most:,} groups; ask for a shorter range (startTime, finishTime), for days instead of hours, "
        "for fewer plans or resources, or by one thing instead of two",
    )


def _within(query: SummaryQuery, there: Extent) -> tuple[int, int]:
    """The range, no wider than the days that have jobs."""
    since, until = query.where.since, query.where.until
    first, last = (day_of(end) for end in there)
    begin, end = first * ticks.PER_DAY, (last + 1) * ticks.PER_DAY - 1
    return begin if since is None else max(begin, since), end if until is None else min(end, until)


class _Reading:
    """A question in hand, within one snapshot; its range has both ends."""

    def __init__(
        self, connection: Connection, tenant: int, query: SummaryQuery, now: int, few: int, most: int, found: Tallies
    ) -> None:
        self._connection, self._tenant, self._query, self._found = connection, tenant, query, found
        self._few, self._most = few, most
        self._ways = Ways(connection, tenant, query.where, now)
        self._told = aggregates.told_of(query.more)
        self._keys, self._unit = aggregates.columns(query.by), aggregates.unit_of(query.by)
        self._kept = self._is_kept() and self._ways.size(Access.TIME) > few

    def read(self) -> None:
        """Adds every group to what is found."""
        since, until = self._query.where.since, self._query.where.until
        assert since is not None
        assert until is not None
        zone = self._query.zone if self._unit else zones.DEFAULT
        for stretch in zones.stretches(zone, since, until):
            if self._kept:
                self._by_counts(stretch)
            else:
                self._by_jobs(stretch)

    def _is_kept(self) -> bool:
        """Whether the kept counts know the groups."""
        query = self._query
        return COUNTED.issuperset(query.by) and not (query.more or query.where.search or self._ways.more)

    def _by_counts(self, stretch: Stretch) -> None:
        """The whole UTC days of a stretch by the kept counts, and what it has of a day at its ends by the jobs."""
        since, until, offset = stretch
        first, last = day_of(since + ticks.PER_DAY - 1), day_of(until + 1) - 1
        if first > last:
            self._by_jobs(stretch)
            return
        begin, end = first * ticks.PER_DAY, (last + 1) * ticks.PER_DAY
        if since < begin:
            self._by_jobs(Stretch(since, begin - 1, offset))
        if end <= until:
            self._by_jobs(Stretch(end, until, offset))
        by_day = self._unit > 0
        given = zip(Codes._fields, self._ways.codes, strict=True)
        codes = Codes(*(self._codes_of(name, some) for name, some in given))
        days = {"tenant": self._tenant, "first": first, "last": last}
        rows = self._rows(aggregates.of_counts(by_day, self._keys, codes), days)
        moved = _moved(offset) if by_day else None
        shift = moved.shift if moved else 0
        self._add(((row[0] + shift, *row[1:]) for row in rows) if shift else rows, offset)
        if moved:
            for day in sorted({row[0] for row in rows}):
                self._move(day, moved)

    def _codes_of(self, name: str, given: tuple[int, ...]) -> tuple[int, ...]:
        """The codes of kept counts: those that are asked for, or each one if it makes groups, or else any."""
        # The states tell which jobs were successful.
        each: tuple[int, ...] = getattr(EVERY, name)
        return given or (each if name in (*self._query.by, "state") else (ANY,))

    def _move(self, day: int, moved: "_Moved") -> None:
        """Takes those jobs of a UTC day to the local day next to it that belong there."""
        begin, width = day * ticks.PER_DAY, len(self._keys)
        key = self._key_at(0)
        for rows in self._added_up(Stretch(begin + moved.since, begin + moved.until, 0), unit=0):
            self._found.add(
                (key((local, *row[:width])), [sign * value for value in row[width:]])
                for row in rows
                if row[width]
                for local, sign in ((day + moved.shift, -1), (day + moved.to, 1))
            )

    def _by_jobs(self, stretch: Stretch) -> None:
        """The jobs of a stretch, added up by the database."""
        for piece in self._pieces(stretch):
            for rows in self._added_up(piece, self._unit):
                self._add(rows, stretch.offset)
            # Not so by counts, of which a part may be taken away later.
            if not self._kept and len(self._found) > self._most:
                raise too_many(self._most)

    def _pieces(self, stretch: Stretch) -> Iterable[Stretch]:
        """SQLite sorts in memory what it groups: a year of millions day by day, which takes no longer."""
        about = set(self._keys) & {*aggregates.ABOUT}
        (kind, _), *more = self._kinds
        if more or about or not self._ways.by_time(kind.way) or kind.dialect != "sqlite":
            return [stretch]
        if self._ways.size(Access.TIME) <= self._few:
            return [stretch]
        return self._by_day(stretch)

    def _by_day(self, stretch: Stretch) -> Iterator[Stretch]:
        """The days of a stretch on which there are jobs."""
        since, until, offset = stretch
        days = {"tenant": self._tenant, "first": day_of(since), "last": day_of(until)}
        for (day,) in _DAYS.rows(self._connection, days):
            begin = day * ticks.PER_DAY
            yield Stretch(max(since, begin), min(until, begin + ticks.PER_DAY - 1), offset)

    def _added_up(self, stretch: Stretch, unit: int) -> Iterator[list[Row]]:
        since, until, offset = stretch
        for kind, values in self._kinds:
            shape = aggregates.Shape(kind, unit, self._keys, self._told)
            yield self._rows(aggregates.of_jobs(shape), {**values, "since": since, "until": until, "offset": offset})

    def _rows(self, statement: Prepared, values: dict[str, Any]) -> list[Row]:
        # A group of the answer has its jobs from two days of the kept counts at the most.
        most = 2 * self._most + 2
        rows = statement.rows(self._connection, {**values, "most": most})
        if len(rows) == most:
            raise too_many(self._most)
        return rows

    def _add(self, rows: Iterable[Row], offset: int) -> None:
        key, begin = self._key_at(offset), len(self._keys) + (self._unit > 0)
        # Without keys there is a row for no job, too.
        self._found.add((key(row), row[begin:]) for row in rows if row[begin])

    def _key_at(self, offset: int) -> Callable[[Row], Keys]:
        """Makes the keys of a row at an offset from UTC, in the order in which they are asked for."""
        by, at = self._query.by, {key: place + (self._unit > 0) for place, key in enumerate(self._keys)}
        if self._unit != zones.PER_HOUR:
            return _items([{Key.DAY: 0, **at}[key] for key in by])

        def of_hour(row: Row) -> Keys:
            times = {Key.DAY: row[0] // 24, Key.HOUR: (row[0] * zones.PER_HOUR - offset, offset)}
            return tuple([times[key] if key in times else row[at[key]] for key in by])

        return of_hour

    @cached_property
    def _kinds(self) -> list[tuple[Kind, dict[str, Any]]]:
        """The kinds of statements that have all jobs, each one once, and the values of their parameters."""
        ways, way = self._ways, self._ways.cheapest()
        if not self._query.where.search:
            return [(ways.kind(Access.SUBJECT if self._is_streamed(way) else way), ways.values)]
        if Access.SUBJECT not in ways.every and ways.cost(way) > self._few:
            found = Found(self._connection, ways.kind(Access.SUBJECT), ways.values)
            if found.told:
                return [*found.parts()]
        return [(ways.kind(way, Texts.EITHER), ways.values)]

    def _is_streamed(self, way: Access) -> bool:
        """Whether it is better to read all jobs in the order of what they are about; but their rows lie by time."""
        about = set(self._keys) & {*aggregates.ABOUT}
        rows = self._ways.more & {*ROW} or self._told.objects or self._told.bytes
        if not about or rows or way is not Access.TIME:
            return False
        every = totals.of_codes(self._connection, self._tenant, (day_window.FIRST_DAY, day_window.LAST_DAY), Codes())
        return every < _STREAMED * self._ways.size(way)


class _Moved(NamedTuple):
    """How UTC days become the days of a zone: most jobs of a day by `shift`; those between `since` and `until` of it
    (ticks, both included) by `to`."""

    shift: int
    since: int
    until: int
    to: int


def _moved(offset: int) -> _Moved | None:
    """For a zone that is so many ticks ahead of UTC; None where its days are those of UTC."""
    day = ticks.PER_DAY
    if not offset:
        return None
    if 0 < offset <= day // 2:
        return _Moved(0, day - offset, day - 1, 1)
    if offset > 0:
        return _Moved(1, 0, day - offset - 1, 0)
    return _Moved(0, 0, -offset - 1, -1)


def _items(places: Sequence[int]) -> Callable[[Row], Keys]:
    """Makes a tuple of the items at these places of a row."""
    if len(places) > 1:
        return itemgetter(*places)
    return lambda row: tuple([row[place] for place in places])


_DAYS: Final = Prepared(
    select(job_count.c.day)
    .where(
        job_count.c.tenant == bindparam("tenant"),
        *(job_count.c[name] == constant(ANY) for name in Codes._fields),
        job_count.c.day >= bindparam("first"),
        job_count.c.day <= bindparam("last"),
        job_count.c.jobs > constant(0),
    )
    .order_by(job_count.c.day)
)
