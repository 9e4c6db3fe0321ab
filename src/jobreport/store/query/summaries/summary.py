"""Reads the groups of a summary: exact numbers of jobs by day, service, plan and so on, from one snapshot.

If the groups are only by service, type, state, and day, night, week or month, the kept counts give the numbers. That
works for the days of another time zone too: a local day is a UTC day, except for a few hours at its ends, and only the
jobs of these hours are counted (`part_days`). For all other groups the database adds up the jobs, by the index that
costs least. Groups by cause are read in two parts (`by_cause`).
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property, partial
from typing import Any, Final

from msgspec.structs import replace
from sqlalchemy import Connection

from jobreport.contract.summary_answer import Keys, Tallies
from jobreport.model import nights, ticks, zones
from jobreport.model.periods import months
from jobreport.model.query import NEWEST_FIRST, Clock
from jobreport.model.summary import MAX_GROUPS, TIMES, Key, SummaryQuery, too_many_groups
from jobreport.model.zones import Stretch
from jobreport.store.db import dialect_of
from jobreport.store.db.prepared import Prepared
from jobreport.store.derived.counts import day_of
from jobreport.store.query import conditions, day_window, totals
from jobreport.store.query.codes import EACH, NAMES, Codes
from jobreport.store.query.conditions import ROW
from jobreport.store.query.costs import FEW, Costs
from jobreport.store.query.indexes import Index
from jobreport.store.query.search import BOUNDS, Part, Search
from jobreport.store.query.summaries import aggregates, by_cause, keys, part_days, ranges
from jobreport.store.query.summaries.moved_days import Moved, moved
from jobreport.store.query.summaries.part_days import Remember, Row, Rows

_STREAMED: Final = 3
"""An entry that comes in the order of the groups costs this many times less than one that must be sorted first."""

Month = int | None
"""The month (`model.periods`) of all jobs of a stretch, if the groups are by month; otherwise None."""


def find(
    connection: Connection,
    tenant: int,
    query: SummaryQuery,
    now: int,
    *,
    remember: Remember = part_days.read,
    few: int = FEW,
    most: int = MAX_GROUPS,
) -> tuple[ranges.Extent | None, Tallies]:
    """Returns the extent of all jobs of the tenant, and every group of the jobs that match.

    `now` (ticks) is the present time; it gives the duration of jobs that still run. `remember` is asked for the jobs of
    parts of UTC days, which the kept counts do not have. `few` is a limit by which the way of reading is chosen: it
    changes the speed, never the result. Raises InvalidInputError if there are more than `most` groups.
    """
    there = ranges.job_range(connection, tenant, query)
    tallies = Tallies(aggregates.sums_of(query.more).added)
    if there.counted is None or not conditions.answerable(query.where):
        return there.extent, tallies
    since, until = ranges.within(query, there.counted)
    if since <= until:
        clock = query.clock.value
        where = replace(query.where, **{f"{clock}since": since, f"{clock}until": until})
        for part in by_cause.parts(replace(query, where=where), tallies):
            _Reader(connection, tenant, part, now, few, most, remember, are_many=there.jobs > few).read()
    if len(tallies.groups()) > most:
        raise too_many_groups(most)
    return there.extent, tallies


class _Reader:
    """Answers one query from one snapshot. The query must have both bounds (`ranges.bounds`).

    `are_many`: its days have so many jobs that the kept counts are read instead of the jobs, if they can answer it.
    """

    def __init__(
        self,
        connection: Connection,
        tenant: int,
        part: by_cause.Part,
        now: int,
        few: int,
        most: int,
        remember: Remember,
        *,
        are_many: bool,
    ) -> None:
        self._connection, self._remember = connection, remember
        query, self._tallies, self._index = part
        self._query = query
        self._few, self._most = few, most
        self._values = conditions.values(connection, tenant, query.where, now)
        self._shape = conditions.shape_of(dialect_of(connection), query.where)
        self._costs = Costs(
            connection,
            self._shape,
            self._values,
            (query.where.since, query.where.until),
            (query.where.ended_since, query.where.ended_until),
        )
        self._sums = aggregates.sums_of(query.more)
        self._keys, self._unit = aggregates.columns(query.by), aggregates.unit_of(query.by)
        self._clock, self._has_times = query.clock, not TIMES.isdisjoint(query.by)
        self._kept = query.is_kept and are_many
        self._by_month = self._has_times and not self._unit
        # A group is made from at most so many rows of the kept counts: those of two days, or of the days of a month.
        self._rows_a_group = 2
        if self._kept and query.is_counted and self._by_month and self._shape.dialect.has_slow_round_trips:
            # On a server, one statement for all days is faster than one for each month. A row's day tells its month.
            self._by_month, self._unit, self._rows_a_group = False, ticks.PER_DAY, 32

    def read(self) -> None:
        """Adds every group to the tallies."""
        for month, stretch in self._stretches():
            if self._kept:
                self._by_counts(stretch, month)
            else:
                self._by_jobs(stretch, month)

    def _stretches(self) -> Iterator[tuple[Month, Stretch]]:
        """Gives the parts of the range in which the offset does not change. If no shorter time is read than months,
        each part is also cut at the months, which have no fixed length.
        """
        query, (since, until) = self._query, self._bounds
        if Key.NIGHT in query.by:
            stretches = nights.stretches(query.hours, since, until)
        else:
            stretches = zones.stretches(query.zone if self._has_times else zones.DEFAULT, since, until)
        for stretch in stretches:
            if self._by_month:
                yield from months(stretch)
            else:
                yield None, stretch

    def _by_counts(self, stretch: Stretch, month: Month) -> None:
        """Adds the groups of a stretch: its whole UTC days from the kept counts, the parts of days at its ends from the
        jobs.
        """
        since, until, offset = stretch
        first, last = day_of(since + ticks.PER_DAY - 1), day_of(until + 1) - 1
        if first > last:
            self._by_jobs(stretch, month)
            return
        begin, end = first * ticks.PER_DAY, (last + 1) * ticks.PER_DAY
        if since < begin:
            self._by_jobs(Stretch(since, begin - 1, offset), month)
        if end <= until:
            self._by_jobs(Stretch(end, until, offset), month)
        days = self._unit // ticks.PER_DAY
        numbers = zip(NAMES, self._shape.codes.numbers, strict=True)
        service, kind, state = (self._counted(name, number) for name, number in numbers)
        codes = Codes(service, kind, state, self._clock)
        there = moved(offset)
        values = {**self._values, "first": first, "last": last, "shift": there.shift}
        rows = self._rows(aggregates.of_counts(days, self._keys, codes), values)
        if self._query.more:
            rows = [*self._with_sums(rows, days, codes, values)]
        self._add(rows, offset, month)
        if days and there.towards:
            for bucket in sorted({row[0] for row in rows}):
                # The only UTC day of the bucket of which a part belongs to another one.
                day = bucket * days + (days - 1 if there.towards > 0 else 0) - there.shift
                if first <= day <= last:
                    self._move(bucket, day, there)

    def _with_sums(self, rows: Sequence[Row], days: int, codes: Codes, values: dict[str, Any]) -> Iterator[Row]:
        """Gives the rows of counts with the kept sums of the same groups after them."""
        added = self._sums.added - 3
        width = (days > 0) + len(self._keys)
        kept = self._rows(aggregates.of_kept_sums(days, self._keys, codes, self._sums), values)
        sums = {row[:width]: row[width:] for row in kept}
        for row in rows:
            yield (*row, *sums.get(row[:width], (0,) * added))

    def _counted(self, name: str, number: int) -> int:
        """Returns how many codes of this kind are read from the kept counts, as `Codes` has it: `number`, if the query
        filters by them; `EACH`, if the groups are by them; else 0, for the count of all codes together.
        """
        # Each state is read by itself, since the states tell which jobs were successful.
        return number or (EACH if name in (*self._query.by, "state") else 0)

    def _move(self, bucket: int, day: int, there: Moved) -> None:
        """Subtracts from a local day or week the jobs of the UTC day that belong to its neighbour; adds them there.

        Example: the zone is one hour ahead of UTC. All jobs of 2 March UTC were first added to the local 2 March. Those
        from 23:00 UTC on belong to the local 3 March: they are subtracted from the 2nd and added to the 3rd.
        """
        begin, width = day * ticks.PER_DAY, len(self._keys)
        key = self._key_at(0)
        for rows in self._added_up(Stretch(begin + there.since, begin + there.until, 0), unit=0):
            self._tallies.add(
                (key((local, *row[:width])), [sign * value for value in row[width:]])
                for row in rows
                if row[width]
                for local, sign in ((bucket, -1), (bucket + there.towards, 1))
            )

    def _by_jobs(self, stretch: Stretch, month: Month) -> None:
        """Adds the groups of a stretch, which the database adds up from the jobs."""
        for piece in self._pieces(stretch):
            for rows in self._added_up(piece, self._unit):
                self._add(rows, stretch.offset, month)
            # With kept counts this is checked at the end, since a group may still become empty (`_move`).
            if not self._kept and len(self._tallies) > self._most:
                raise too_many_groups(self._most)

    def _pieces(self, stretch: Stretch) -> Iterable[Stretch]:
        """Returns the parts of a stretch, one for each statement.

        Some databases sort in memory what they group. There a long stretch with many jobs is read day by day, which
        needs less memory and no more time.
        """
        about = set(self._keys) & {*aggregates.ABOUT}
        (shape, _), *more = self._parts
        if more or about or not shape.in_order or not shape.dialect.sorts_in_memory:
            return [stretch]
        if shape.codes.clock is not self._clock or self._costs.size(Index.TIME) <= self._few:
            return [stretch]
        return self._by_day(stretch)

    def _by_day(self, stretch: Stretch) -> Iterator[Stretch]:
        """Gives each UTC day of a stretch that has jobs, as a stretch of its own."""
        since, until, offset = stretch
        for (day,) in ranges.DAYS[self._clock].rows(
            self._connection, {**self._values, "first": day_of(since), "last": day_of(until)}
        ):
            begin = day * ticks.PER_DAY
            yield Stretch(max(since, begin), min(until, begin + ticks.PER_DAY - 1), offset)

    def _added_up(self, stretch: Stretch, unit: int) -> Iterator[Rows]:
        since, until, offset = stretch
        day = day_of(since)
        changes = self._changes.get(day, 0) if self._kept and day == day_of(until) else 0
        for shape, values in self._parts:
            groups = aggregates.GroupShape(shape, unit, self._clock, self._keys, self._sums)
            bounds = {f"{self._clock.value}since": since, f"{self._clock.value}until": until}
            values = {**values, **bounds, "offset": offset}
            question = groups, tuple(values.items())
            yield self._remember(question, changes, partial(self._rows, aggregates.of_jobs(groups), values))

    @cached_property
    def _bounds(self) -> tuple[int, int]:
        since, until = ranges.bounds(self._query)
        assert since is not None
        assert until is not None
        return since, until

    @cached_property
    def _changes(self) -> dict[int, int]:
        since, until = self._bounds
        return part_days.changes(self._connection, self._values, (day_of(since), day_of(until)))

    def _rows(self, statement: Prepared, values: dict[str, Any]) -> Rows:
        most = self._rows_a_group * self._most + 2
        rows = statement.rows(self._connection, {**values, "most": most})
        if len(rows) == most:
            raise too_many_groups(self._most)
        return rows

    def _add(self, rows: Iterable[Row], offset: int, month: Month) -> None:
        if month is not None:
            rows = ((month, *row) for row in rows)
        key, begin = self._key_at(offset), len(self._keys) + self._has_times
        # A statement without GROUP BY gives a row even if there is no job.
        self._tallies.add((key(row), row[begin:]) for row in rows if row[begin])

    def _key_at(self, offset: int) -> Callable[[Row], Keys]:
        return keys.of_rows(self._query.by, self._keys, self._unit, offset)

    @cached_property
    def _parts(self) -> list[Part]:
        """The shapes of the statements that together read all jobs, each job once, with the values of their
        parameters.
        """
        if self._index:
            return [(self._shape._replace(by=self._index), self._values)]
        if self._query.where.search:
            bounds = BOUNDS._replace(few=self._few)
            return Search(self._connection, self._shape, self._values, self._costs, NEWEST_FIRST, bounds).parts
        index = self._costs.cheapest()
        if self._clock is Clock.ENDED and (self._kept or (index is Index.TIME and not self._query.where.started)):
            # Only this index finds the jobs that ended in a part of the range without passing others.
            index = Index.ENDED
        return [(self._shape._replace(by=Index.SUBJECT if self._is_streamed(index) else index), self._values)]

    def _is_streamed(self, index: Index) -> bool:
        """Whether reading all jobs by the index of subjects is faster, since its entries come in the order of groups.

        It is not if the rows are needed too: they lie in the order of time, so each would have to be looked up.
        """
        about = set(self._keys) & {*aggregates.ABOUT}
        rows = self._shape.others & {*ROW} or self._sums.objects or self._sums.bytes
        if not about or rows or index is not Index.TIME:
            return False
        days = day_window.FIRST_DAY, day_window.LAST_DAY
        return totals.total(self._connection, self._values, Codes(), days) < _STREAMED * self._costs.size(index)
