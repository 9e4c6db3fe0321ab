"""Searches jobs for a text: the exact number of jobs that contain it, and the time range in which a page of them lies.

A job matches if its description or its ID contains the term; the case of letters does not count. Many jobs share a
description, so there are few, and all of them are read. Each job has its own ID, so an index of parts of IDs finds the
candidates, and each candidate's ID is then compared with the term. If there are too many candidates, all jobs are read.
"""

from collections import Counter
from functools import cached_property
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection

from jobreport.model import ticks
from jobreport.model.query import JobQuery, Position, Sort
from jobreport.store.db.prepared import Prepared
from jobreport.store.derived import counts, trigrams
from jobreport.store.query import keyset, statements, texts
from jobreport.store.query.conditions import Shape
from jobreport.store.query.costs import FEW, Costs
from jobreport.store.query.day_window import Window
from jobreport.store.query.indexes import Index
from jobreport.store.query.named import NAMED
from jobreport.store.query.texts import Texts

Key = tuple[Any, ...]
"""The values by which a job is sorted; the last one is its ID."""
Part = tuple[Shape, dict[str, Any]]
"""The shape of a statement, and the values of its parameters."""


class Bounds(NamedTuple):
    """The limits, in jobs, by which a search chooses its plan. They change its speed, never its result."""

    few: int = FEW
    """Up to this many jobs are simply read and sorted in memory."""
    candidates: int = texts.MOST
    """Up to this many candidates from an index are compared one by one."""
    many: int = 200_000
    """If more jobs match than this, they are taken to be spread over the whole range. Fewer may all lie in one part of
    it, far from where reading begins."""
    large: int = 2_000_000
    """If no index helps and more jobs than this pass the other filters, many contain the term. Then reading in order up
    to the page is faster than counting the matches of each day."""
    rows: int = 1_000
    """Of up to this many jobs the rows are read for their references. Of more, the index of all references is read."""


BOUNDS: Final = Bounds()


class Search:
    """Answers one search from one snapshot. `shape` has the other filters of the question; `sort` is its order."""

    def __init__(
        self, connection: Connection, shape: Shape, values: dict[str, Any], costs: Costs, sort: Sort, bounds: Bounds
    ) -> None:
        self._connection, self._values, self._costs = connection, values, costs
        self._sort, self._bounds = sort, bounds
        self._shape, self._by = shape, costs.cheapest()
        self._described: Part = shape._replace(by=Index.SUBJECT, texts=Texts.DESCRIBED), values
        self._by_day: Counter[int] | None = None

    @cached_property
    def total(self) -> int:
        """The exact number of jobs that match."""
        if self._are_few:
            return len(self._every)
        if self._named is not None:
            return self._number(self._described) + len(self._named[1])
        return self._number((self._either, self._values))

    @property
    def parts(self) -> list[Part]:
        """The statements that together read all jobs that match. Each job is read by exactly one of them."""
        if self._are_few or self._named is None:
            return [(self._either, self._values)]
        return [self._described, self._named[0]]

    def keys(self, after: Position | None) -> list[Key] | None:
        """Returns the keys of the jobs that match, in order; only those after the position `after` if it is given.

        Returns None if there are too many to sort them in memory.
        """
        if self._are_few:
            keys = self._every
        elif self._named is not None and self.total <= self._bounds.few:
            described = self._rows(statements.keys(self._described[0], self._sort), self._described[1])
            keys = sorted([*described, *self._named[1]], reverse=self._sort.descending)
        else:
            return None
        if after is None:
            return keys
        place = keyset.compared(self._sort, after)
        return [key for key in keys if (key < place if self._sort.descending else key > place)]

    def window(self, query: JobQuery) -> Window | None:
        """Returns the days on which the page of a query by time lies. None: reading all jobs in order is faster.

        If all jobs must be read anyway to count the matches, the matches of each day are counted in the same pass.

        Example: 500,000 of 1,000,000 jobs match, so every second job does. For the 100 matches of the first page about
        200 jobs are read in order, and the result is None. If only 50 jobs matched, all of them might lie in one month
        of ten years, so their days are counted first.
        """
        if self._named is None and self._costs.jobs <= self._bounds.large:
            self._by_day = self._days((self._either, self._values))
            self.total = self._by_day.total()
        skip, end = query.page * query.size, min((query.page + 1) * query.size, self.total)
        visits = min(end, self.total - skip) * self._costs.jobs / max(1, self.total)
        if skip >= end or (self.total > self._bounds.many and visits <= self._bounds.few):
            return None
        return self._on_days(query, skip, end)

    def _on_days(self, query: JobQuery, skip: int, end: int) -> Window:
        """Returns the window of the days on which the matches number `skip` (from 0) to `end` (not included) lie.

        Example: the newest three days have 40, 30 and 50 matches. Matches 60 to 80 begin on the second day, after 20
        of its matches, and end on the third. So the window is these two days, with 20 matches before the page and
        40 behind it.
        """
        days = self._by_day or self._days_of_parts()
        passed, before = 0, 0
        begin: int | None = None
        day = 0
        for day in sorted(days, reverse=self._sort.descending):
            passed += days[day]
            if begin is None and passed > skip:
                begin, before = day, skip - (passed - days[day])
            if passed >= end:
                break
        first, last = sorted((day if begin is None else begin, day))
        where = query.where
        since, until = first * ticks.PER_DAY, (last + 1) * ticks.PER_DAY - 1
        return Window(
            self.total,
            since if where.since is None else max(since, where.since),
            until if where.until is None else min(until, where.until),
            before,
            end - skip,
            max(0, passed - end),
        )

    def _days_of_parts(self) -> Counter[int]:
        if self._named is None:
            return self._days((self._either, self._values))
        days = self._days(self._described)
        days.update(counts.day_of(key[-2]) for key in self._named[1])
        return days

    def _days(self, part: Part) -> Counter[int]:
        return Counter(dict(self._rows(statements.count_by_day(part[0]), part[1])))

    @cached_property
    def _either(self) -> Shape:
        """The shape of a statement that reads all jobs that the other filters leave."""
        how = ""
        if self._costs.whole(self._by) <= self._bounds.rows:
            how = texts.ROWS
        # PostgreSQL compares by a hash. To leave that out saves it little, and lets it scan the whole table.
        elif not self._shape.dialect.plans_by_values and texts.is_plain(self._connection, self._values):
            how = texts.PLAIN
        return self._shape._replace(by=self._by, texts=Texts.EITHER, candidates=how)

    @cached_property
    def _are_few(self) -> bool:
        """Whether the other filters leave so few jobs that all of these can simply be read."""
        return self._costs.whole(self._by) <= self._bounds.few

    @cached_property
    def _every(self) -> list[Key]:
        return self._rows(statements.keys(self._either, self._sort, ordered=True), self._values)

    @cached_property
    def _named(self) -> tuple[Part, list[Key]] | None:
        """The jobs whose ID contains the term, but not their description; None if no index is used to find them.

        None too if a filter on plan, resource, origin or cause is given: then all jobs of these are read anyway.
        """
        if not NAMED.keys().isdisjoint(self._costs.indexes):
            return None
        if not self._shape.dialect.has_trigram_index:
            return self._named_by_parts()
        part = self._described[0]._replace(texts=Texts.NAMED), self._values
        keys = self._at_most(statements.keys(part[0], self._sort, bounded=True), self._bounds.candidates)
        return None if keys is None else (part, keys)

    def _named_by_parts(self) -> tuple[Part, list[Key]] | None:
        """Finds the same as `_named`, for SQLite, with the store's own index of parts of IDs."""
        candidates = trigrams.candidates(self._connection, self._values["search"], self._bounds.candidates)
        if candidates is None:
            return None
        how, given = texts.given(candidates)
        shape = self._described[0]._replace(by=Index.NUMBER, texts=Texts.NAMED, candidates=how)
        part = shape, {**self._values, "candidates": given}
        known_empty = not (candidates.match or candidates.numbers)
        return part, [] if known_empty else self._rows(statements.keys(shape, self._sort), part[1])

    def _at_most(self, statement: Prepared, most: int) -> list[Key] | None:
        """Returns the rows of a statement that reads PostgreSQL's trigram index.

        Returns None if there are more than `most`, or if the planner expects more: to look up so many one by one, even
        to count them, takes longer than to read all jobs.
        """
        values = {**self._values, "most": most + 1}
        # The planner knows the statistics of the index. But it guesses that only a third of these rows contain the
        # whole term, and that half of them lack it in their description. So its estimate is multiplied by six.
        if 6 * statement.estimated_rows(self._connection, values) > most:
            return None
        rows = self._rows(statement, values)
        return rows if len(rows) <= most else None

    def _number(self, part: Part) -> int:
        return int(statements.count(part[0]).value(self._connection, part[1]))

    def _rows(self, statement: Prepared, values: dict[str, Any]) -> list[Any]:
        return statement.rows(self._connection, values)
