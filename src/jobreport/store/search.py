"""A query with a search text in; the exact total, and the job IDs of its page, out: the same on every database.

A job matches where its folded description or its folded ID holds the folded term. Descriptions are few, since they
repeat: those that match are found by reading all of them. IDs are many: trigrams say which may match, and the text
decides; where too many may, all of them are read.
"""

import json
from collections import Counter
from functools import lru_cache
from typing import Any, Final, NamedTuple

from msgspec import structs
from sqlalchemy import BigInteger, ColumnElement, Connection, bindparam, func, literal_column, not_, or_, select

from jobreport.model import ticks
from jobreport.model.job import fold
from jobreport.model.query import JobQuery
from jobreport.store import access, contains, counts, grams
from jobreport.store.access import Access, Shape
from jobreport.store.prepared import Prepared
from jobreport.store.schema import job as table

_FEW: Final = 20_000
"""So few jobs are just read, or collected and sorted; and a page that is so few steps away is walked to."""
_MOST: Final = 100_000
"""So many candidates are looked at one by one; where there are more, all jobs are read in their order."""
_MANY: Final = 10
"""Jobs that are so many times `_FEW` hardly lie all in one stretch of time; fewer may, far from where a walk begins."""

Key = tuple[int, str]
"""What orders a job: the time under which it is filed, and its ID."""


class _Kind(NamedTuple):
    """What decides how a search's statement looks."""

    shape: Shape
    dialect: str
    ascii_term: bool


class _Search:
    """A search in hand, within one snapshot."""

    def __init__(self, connection: Connection, tenant: int, query: JobQuery) -> None:
        term = fold(query.search)
        self._term, self._query, self._connection, self._ascii = term, query, connection, term.isascii()
        self._dialect = connection.dialect.name
        self._values = access.codes_of(tenant, query) | {
            "since": query.since,
            "until": query.until,
            "search": term,
            "pattern": contains.pattern(term),
        }

    def every(self) -> list[Key]:
        """Every job that matches, in order, by reading all that the other filters leave."""
        return self._keys(_matching(self._walked()))

    def named(self) -> list[Key] | None:
        """The jobs that match by their ID alone; None where these may be many."""
        if self._dialect == "sqlite":
            candidates = grams.candidates(self._connection, self._term, _MOST)
            if candidates is None or not candidates:
                return None if candidates is None else []
            return self._keys(_named_of(self._kind(Access.NUMBER)), candidates=json.dumps(candidates))
        by_index = self._kind(Access.SUBJECT)
        return self._keys(_only_named(by_index)) if self._number(_count_named(by_index)) <= _MOST else None

    def about(self) -> list[Key]:
        """The jobs that match by their description."""
        return self._keys(_about(self._kind(Access.SUBJECT)))

    def number(self) -> int:
        """How many jobs match, by reading all that the other filters leave."""
        return self._number(_count(self._walked()))

    def number_about(self) -> int:
        """How many match by their description."""
        return self._number(_count_about(self._kind(Access.SUBJECT)))

    def days(self, named: list[Key] | None) -> Counter[int]:
        """How many jobs match on each UTC day; `named` as `named` gave it."""
        if named is None:
            return Counter(dict(self._keys(_days(self._walked()))))
        days = Counter(dict(self._keys(_days_about(self._kind(Access.SUBJECT)))))
        days.update(counts.day_of(filed) for filed, _ in named)
        return days

    def walk(self, since: int | None, until: int | None, skip: int, size: int, *, backwards: bool) -> list[Key]:
        """Jobs that match and are filed from `since` to `until`, newest first, or oldest first if `backwards`."""
        within = self._query
        if since is not None and until is not None:
            within = structs.replace(within, since=since, until=until)
        kind = self._kind(access.at_once(within), within)
        times = {"since": within.since, "until": within.until}
        return self._keys(_walk(kind, backwards=backwards), **times, skip=skip, size=size)

    def _walked(self) -> _Kind:
        return self._kind(access.at_once(self._query))

    def _kind(self, way: Access, query: JobQuery | None = None) -> _Kind:
        query = query or self._query
        return _Kind(access.shape(query, way, query.since, query.until), self._dialect, self._ascii)

    def _keys(self, statement: Prepared, **more: Any) -> list[Any]:
        return statement.rows(self._connection, {**self._values, **more})

    def _number(self, statement: Prepared) -> int:
        return int(statement.value(self._connection, self._values))


def find(connection: Connection, tenant: int, query: JobQuery, among: int, few: int = _FEW) -> tuple[int, list[str]]:
    """How many jobs match, and the IDs of those on the page in their order.

    `among` is how many there are that match all but the search text; up to `few` of them are just read.
    """
    search = _Search(connection, tenant, query)
    skip, end = query.page * query.size, (query.page + 1) * query.size
    if among <= few:
        every = search.every()
        return len(every), [job_id for _, job_id in every[skip:end]]
    named = search.named()
    total = search.number() if named is None else search.number_about() + len(named)
    end = min(end, total)
    if skip >= end:
        return total, []
    if named is not None and total <= few:
        keys = sorted(named + search.about(), reverse=True)[skip:end]
    elif total > _MANY * few and min(end, total - skip) * among // total <= few:
        backwards = total - end < skip
        found = search.walk(None, None, total - end if backwards else skip, end - skip, backwards=backwards)
        keys = found[::-1] if backwards else found
    else:
        keys = _on_days(search, search.days(named), skip, end)
    return total, [job_id for _, job_id in keys]


def _on_days(search: _Search, days: Counter[int], skip: int, end: int) -> list[Key]:
    """The jobs from `skip` to `end`, looked for on the days on which they are filed."""
    passed, before = 0, 0
    newest: int | None = None
    for day in sorted(days, reverse=True):
        passed += days[day]
        if newest is None and passed > skip:
            newest, before = day, skip - (passed - days[day])
        if newest is not None and passed >= end:
            since, until = day * ticks.PER_DAY, (newest + 1) * ticks.PER_DAY - 1
            return search.walk(since, until, before, end - skip, backwards=False)
    return []


_KEY: Final = select(table.c.filed, table.c.job_id)
_NUMBER: Final = select(func.count()).select_from(table)


_DAY: Final = table.c.filed // literal_column(str(ticks.PER_DAY), BigInteger)
_BY_DAY: Final = select(_DAY, func.count()).select_from(table).group_by(_DAY)


def _about_it(kind: _Kind) -> ColumnElement[bool]:
    return contains.about(kind.dialect)


def _named(kind: _Kind) -> ColumnElement[bool]:
    return contains.named(kind.dialect, ascii_term=kind.ascii_term)


def _only(kind: _Kind) -> tuple[ColumnElement[bool], ...]:
    return _named(kind), not_(_about_it(kind))


def _either(kind: _Kind) -> ColumnElement[bool]:
    return or_(_about_it(kind), _named(kind))


@lru_cache(maxsize=256)
def _matching(kind: _Kind) -> Prepared:
    return Prepared(access.narrowed(_KEY, kind.shape).where(_either(kind)).order_by(*access.order(backwards=False)))


@lru_cache(maxsize=256)
def _walk(kind: _Kind, *, backwards: bool) -> Prepared:
    walk = access.narrowed(_KEY, kind.shape).where(_either(kind)).order_by(*access.order(backwards=backwards))
    return Prepared(walk.limit(bindparam("size")).offset(bindparam("skip")))


@lru_cache(maxsize=256)
def _about(kind: _Kind) -> Prepared:
    return Prepared(access.narrowed(_KEY, kind.shape).where(_about_it(kind)))


@lru_cache(maxsize=256)
def _named_of(kind: _Kind) -> Prepared:
    return Prepared(access.narrowed(_KEY, kind.shape).where(contains.CANDIDATE, *_only(kind)))


@lru_cache(maxsize=256)
def _only_named(kind: _Kind) -> Prepared:
    return Prepared(access.narrowed(_KEY, kind.shape).where(*_only(kind)))


@lru_cache(maxsize=256)
def _count_named(kind: _Kind) -> Prepared:
    return Prepared(access.narrowed(_NUMBER, kind.shape).where(*_only(kind)))


@lru_cache(maxsize=256)
def _count(kind: _Kind) -> Prepared:
    return Prepared(access.narrowed(_NUMBER, kind.shape).where(_either(kind)))


@lru_cache(maxsize=256)
def _count_about(kind: _Kind) -> Prepared:
    return Prepared(access.narrowed(_NUMBER, kind.shape).where(_about_it(kind)))


@lru_cache(maxsize=256)
def _days(kind: _Kind) -> Prepared:
    return Prepared(access.narrowed(_BY_DAY, kind.shape).where(_either(kind)))


@lru_cache(maxsize=256)
def _days_about(kind: _Kind) -> Prepared:
    return Prepared(access.narrowed(_BY_DAY, kind.shape).where(_about_it(kind)))
