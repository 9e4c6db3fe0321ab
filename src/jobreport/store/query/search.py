"""A search for a text: how many jobs hold it, exactly, and where its page lies.

A job matches where its folded description or its folded ID holds the folded term. Descriptions are few, since they
repeat: those that match are found by reading all of them. IDs are many: an index of their parts names those that may
match, and the text decides; where too many may, all of them are read.
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
from jobreport.store.query.texts import Texts

Key = tuple[Any, ...]
"""The columns of an order; the last is the job ID."""
Part = tuple[Shape, dict[str, Any]]
"""A shape, and the values of its parameters."""


class Bounds(NamedTuple):
    """What counts as few and as many. It chooses the way that a search goes, and changes nothing in what is found."""

    few: int = FEW
    """So few jobs are just read, or collected and sorted."""
    candidates: int = texts.MOST
    """So many jobs that an index names are looked at one by one."""
    many: int = 200_000
    """So many matches hardly lie all in one stretch of time; fewer may, far from where a walk begins."""
    large: int = 2_000_000
    """Of so many jobs, many hold a text too common to be looked up: a walk to its page beats counting by day."""


BOUNDS: Final = Bounds()


class Search:
    """A search in hand, within one snapshot. `shape` looks for the term in either text; `sort` is the order."""

    def __init__(
        self, connection: Connection, shape: Shape, values: dict[str, Any], costs: Costs, sort: Sort, bounds: Bounds
    ) -> None:
        self._connection, self._values, self._costs = connection, values, costs
        self._sort, self._bounds = sort, bounds
        self._either = shape._replace(by=costs.cheapest(), texts=Texts.EITHER)
        self._described: Part = shape._replace(by=Index.SUBJECT, texts=Texts.DESCRIBED), values
        self._by_day: Counter[int] | None = None

    @cached_property
    def total(self) -> int:
        """How many jobs match."""
        if self._are_few:
            return len(self._every)
        if self._named is not None:
            return self._number(self._described) + len(self._named[1])
        return self._number((self._either, self._values))

    @property
    def parts(self) -> list[Part]:
        """Shapes of which each job that matches is of exactly one."""
        if self._are_few or self._named is None:
            return [(self._either, self._values)]
        return [self._described, self._named[0]]

    def keys(self, after: Position | None) -> list[Key] | None:
        """Those that match, in order, or those of them after a position; None where they are not so few."""
        if self._are_few:
            found = self._every
        elif self._named is not None and self.total <= self._bounds.few:
            described = self._rows(statements.keys(self._described[0], self._sort), self._described[1])
            found = sorted([*described, *self._named[1]], reverse=self._sort.descending)
        else:
            return None
        if after is None:
            return found
        place = keyset.compared(self._sort, after)
        return [key for key in found if (key < place if self._sort.descending else key > place)]

    def window(self, query: JobQuery) -> Window | None:
        """Where the page of a query by time lies; None where it is better to walk there through all jobs.

        Of jobs that are all read to be counted, each day's are counted at once.
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
        """The days that hold the jobs from `skip` to `end`."""
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
    def _are_few(self) -> bool:
        """Whether the other filters leave so few jobs that they are just read."""
        return self._costs.whole(self._either.by) <= self._bounds.few

    @cached_property
    def _every(self) -> list[Key]:
        return self._rows(statements.keys(self._either, self._sort, ordered=True), self._values)

    @cached_property
    def _named(self) -> tuple[Part, list[Key]] | None:
        """The jobs that match by their ID alone; None where the index of ID parts does not tell them.

        Where jobs are looked up by what they are about, all of them are read anyway.
        """
        if Index.SUBJECT in self._costs.indexes:
            return None
        if not self._either.dialect.has_trigram_index:
            return self._named_by_parts()
        part = self._described[0]._replace(texts=Texts.NAMED), self._values
        keys = self._at_most(statements.keys(part[0], self._sort, bounded=True), self._bounds.candidates)
        return None if keys is None else (part, keys)

    def _named_by_parts(self) -> tuple[Part, list[Key]] | None:
        """As the store's own index of ID parts has it."""
        candidates = trigrams.candidates(self._connection, self._values["search"], self._bounds.candidates)
        if candidates is None:
            return None
        how, given = texts.given(candidates)
        shape = self._described[0]._replace(by=Index.NUMBER, texts=Texts.NAMED, candidates=how)
        part = shape, {**self._values, "candidates": given}
        known_empty = not (candidates.match or candidates.numbers)
        return part, [] if known_empty else self._rows(statements.keys(shape, self._sort), part[1])

    def _at_most(self, statement: Prepared, most: int) -> list[Key] | None:
        """The rows of a statement that reads the database's index of trigrams, up to its parameter `most`.

        None where there are more, or seem to be: to look each of them up, if only to count them, takes longer than to
        read all jobs.
        """
        values = {**self._values, "most": most + 1}
        # The index's statistics the planner knows. Of whether the whole term is there it takes a third, of the
        # description a half.
        if 6 * statement.estimated_rows(self._connection, values) > most:
            return None
        found = self._rows(statement, values)
        return found if len(found) <= most else None

    def _number(self, part: Part) -> int:
        return int(statements.count(part[0]).value(self._connection, part[1]))

    def _rows(self, statement: Prepared, values: dict[str, Any]) -> list[Any]:
        return statement.rows(self._connection, values)
