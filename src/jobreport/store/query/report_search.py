"""A query with a search text in; the exact total, and the job IDs of its page, out: the same on every database.

A job matches where its folded description or its folded ID holds the folded term. Descriptions are few, since they
repeat: those that match are found by reading all of them. IDs are many: an index of their parts says which may match,
and the text decides; where too many may, all of them are read.
"""

import json
from collections import Counter
from typing import Any, Final

from msgspec import structs
from sqlalchemy import Connection

from jobreport.model import ticks
from jobreport.model.job import fold
from jobreport.model.query import JobQuery
from jobreport.store.db.prepared import Prepared
from jobreport.store.derived import counts, trigrams
from jobreport.store.query import contains, day_window, indexes, report_statements
from jobreport.store.query.contains import MOST
from jobreport.store.query.indexes import FEW, Access

_MANY: Final = 200_000
"""So many jobs hardly lie all in one stretch of time; fewer may, far from where a walk begins."""
_LARGE: Final = 2_000_000
"""Of so many, a text that is too common to be looked up has many: to walk to its page beats counting by the day."""

Key = tuple[int, str]
"""What orders a job: the time under which it is filed, and its ID."""


class _Search:
    """A search in hand, within one snapshot."""

    def __init__(self, connection: Connection, tenant: int, query: JobQuery, most: int) -> None:
        term = fold(query.search)
        self._term = term
        self._connection, self._tenant, self._query = connection, tenant, query
        self._dialect = connection.dialect.name
        times = {"since": query.since, "until": query.until}
        self._values = indexes.codes_of(tenant, query) | times | contains.values(connection, tenant, term, most)

    def every(self, among: int) -> list[Key]:
        """Every job that matches, in order, by reading all `among` that the other filters leave."""
        return self._keys(report_statements.matching(self._walked(among)))

    def number(self, among: int) -> int:
        """How many these are."""
        return self._number(report_statements.number_of(self._walked(among)))

    def named(self, most: int) -> list[Key] | None:
        """The jobs that match by their ID alone; None where more than `most` may."""
        if self._dialect == "sqlite":
            candidates = trigrams.candidates(self._connection, self._term, most)
            if candidates is None:
                return None
            by_number = self._kind(Access.NUMBER)
            if candidates.match:
                return self._keys(report_statements.only_matched(by_number), candidates=candidates.match)
            numbers = candidates.numbers
            return (
                self._keys(report_statements.only_numbered(by_number), candidates=json.dumps(numbers))
                if numbers
                else []
            )
        by_index = report_statements.only_named(self._kind(Access.SUBJECT))
        return contains.named_at_most(self._connection, by_index, self._values, most)

    def about(self) -> list[Key]:
        """The jobs that match by their description."""
        return self._keys(report_statements.about(self._kind(Access.SUBJECT)))

    def number_about(self) -> int:
        """How many these are."""
        return self._number(report_statements.number_about(self._kind(Access.SUBJECT)))

    def days(self, among: int, named: list[Key] | None) -> Counter[int]:
        """How many jobs match on each UTC day; `named` as `named` gave it."""
        if named is None:
            return Counter(dict(self._keys(report_statements.days(self._walked(among)))))
        found = Counter(dict(self._keys(report_statements.days_about(self._kind(Access.SUBJECT)))))
        found.update(counts.day_of(filed) for filed, _ in named)
        return found

    def walk(self, skip: int, size: int, visits: float, *, backwards: bool) -> list[Key]:
        """Jobs that match, newest first, or oldest first if `backwards`, of which so many are looked at."""
        return self._keys(report_statements.walk(self._walked(visits), backwards=backwards), skip=skip, size=size)

    def walk_days(self, first: int, last: int, skip: int, size: int) -> list[Key]:
        """Jobs that match and are filed on these days, newest first."""
        since, until = first * ticks.PER_DAY, (last + 1) * ticks.PER_DAY - 1
        within = structs.replace(
            self._query,
            since=since if self._query.since is None else max(since, self._query.since),
            until=until if self._query.until is None else min(until, self._query.until),
        )
        kind = self._kind(Access.TIME, within)
        times = {"since": within.since, "until": within.until}
        return self._keys(report_statements.walk(kind, backwards=False), **times, skip=skip, size=size)

    def _walked(self, visits: float) -> report_statements.Kind:
        """A statement on the index that has the least to look at for so many jobs that match all but the text."""
        within = day_window.days(self._query.since, self._query.until)
        way = indexes.choose(self._connection, self._tenant, self._query, within, visits)
        return self._kind(way)

    def _kind(self, way: Access, query: JobQuery | None = None) -> report_statements.Kind:
        query = query or self._query
        shape = indexes.shape(query, way, query.since, query.until)
        return report_statements.Kind(shape, self._dialect, self._term.isascii())

    def _keys(self, statement: Prepared, **more: Any) -> list[Any]:
        return statement.rows(self._connection, {**self._values, **more})

    def _number(self, statement: Prepared) -> int:
        return int(statement.value(self._connection, self._values))


def find(
    connection: Connection,
    tenant: int,
    query: JobQuery,
    among: int,
    *,
    few: int = FEW,
    most: int = MOST,
    many: int = _MANY,
    large: int = _LARGE,
) -> tuple[int, list[str]]:
    """How many jobs match, and the IDs of those on the page in their order.

    `among` is how many there are that match all but the search text. `few`, `most`, `many` and `large` choose the
    way, and change nothing in what is found.
    """
    search = _Search(connection, tenant, query, most)
    skip, end = query.page * query.size, (query.page + 1) * query.size
    if among <= few:
        every = search.every(among)
        return len(every), [job_id for _, job_id in every[skip:end]]
    named = search.named(most)
    on_days: Counter[int] | None = None
    if named is not None:
        total = search.number_about() + len(named)
    elif among > large:
        total = search.number(among)
    else:  # all of them are read to be counted, so why not by day
        on_days = search.days(among, None)
        total = on_days.total()
    end = min(end, total)
    if skip >= end:
        return total, []
    backwards = total - end < skip
    steps = (total - skip if backwards else end) * among / total
    if named is not None and total <= few:
        keys = sorted(named + search.about(), reverse=True)[skip:end]
    elif total > many and steps <= few:
        found = search.walk(total - end if backwards else skip, end - skip, steps, backwards=backwards)
        keys = found[::-1] if backwards else found
    else:
        keys = _on_days(search, on_days or search.days(among, named), skip, end)
    return total, [job_id for _, job_id in keys]


def _on_days(search: _Search, number: Counter[int], skip: int, end: int) -> list[Key]:
    """The jobs from `skip` to `end`, looked for on the days on which they are filed; `number` is how many each has."""
    passed, before = 0, 0
    newest: int | None = None
    for day in sorted(number, reverse=True):
        passed += number[day]
        if newest is None and passed > skip:
            newest, before = day, skip - (passed - number[day])
        if newest is not None and passed >= end:
            return search.walk_days(day, newest, before, end - skip)
    return []
