"""A query with a search text in; the exact total, and the job IDs of its page, out: the same on every database.

A job matches where its folded description or its folded ID holds the folded term. Descriptions are few, since they
repeat: those that match are found by reading all of them. IDs are many: trigrams say which may match, and the text
decides; where too many may, all of them are read.
"""

import json
from functools import lru_cache
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, bindparam, func, not_, or_, select

from jobreport.model.job import fold
from jobreport.model.query import JobQuery
from jobreport.store import access, contains, grams, window
from jobreport.store.access import Access, Shape
from jobreport.store.prepared import Prepared
from jobreport.store.schema import job as table

_FEW: Final = 20_000
"""Of so few jobs each is read, without looking anything up; and so few candidates are looked at one by one."""
_A_STEP: Final = 0.1
"""What a job costs that is walked over, where one that is collected and sorted costs 1."""
_A_LOOKUP: Final = 20
"""What a job costs on an index without its subject, which is then read from its row, where one with it costs 1."""

Key = tuple[int, str]
"""What orders a job: the time under which it is filed, and its ID."""


class Kind(NamedTuple):
    """What decides how a search's statement looks."""

    shape: Shape
    dialect: str
    ascii_term: bool


class _Search:
    """A search in hand, within one snapshot."""

    def __init__(self, connection: Connection, tenant: int, query: JobQuery) -> None:
        term = fold(query.search)
        self.term, self._ascii = term, term.isascii()
        self._connection, self._tenant, self._query = connection, tenant, query
        self._values = access.codes_of(tenant, query) | {
            "since": query.since,
            "until": query.until,
            "search": term,
            "pattern": contains.pattern(term),
        }

    def kind(self, way: Access) -> Kind:
        """How a statement on this index looks."""
        shape = access.shape(self._query, way, self._query.since, self._query.until)
        return Kind(shape, self._connection.dialect.name, self._ascii)

    def walked(self, visits: float) -> Kind:
        """The same, on the index that has the least to look at for so many jobs that match all but the text."""
        days = window.days(self._query.since, self._query.until)
        way = access.choose(self._connection, self._tenant, self._query, days, visits, step=_A_LOOKUP)
        return self.kind(way)

    def keys(self, statement: Prepared, **more: Any) -> list[Key]:
        """Jobs, as `statement` orders them."""
        return [(filed, job_id) for filed, job_id in statement.rows(self._connection, {**self._values, **more})]

    def number(self, statement: Prepared) -> int:
        """How many there are."""
        return int(statement.value(self._connection, self._values))

    def candidates(self, most: int) -> list[int] | None:
        """The numbers of the jobs whose ID may hold the term; None where they are over `most`, or nobody knows."""
        if self._connection.dialect.name != "sqlite":
            return None
        return grams.candidates(self._connection, self.term, most)


def find(
    connection: Connection, tenant: int, query: JobQuery, among: int, *, few: int = _FEW, a_step: float = _A_STEP
) -> tuple[int, list[str]]:
    """How many jobs match, and the IDs of those on the page in their order.

    `among` is how many there are that match all but the search text. `few` and `a_step` choose the way, and change
    nothing in what is found.
    """
    search = _Search(connection, tenant, query)
    if among <= few:
        every = search.keys(matching(search.walked(among)))
        return len(every), _page(every, query)
    subject, named = search.kind(Access.SUBJECT), None
    candidates = search.candidates(few)
    if candidates is not None:
        numbered = search.kind(Access.NUMBER)
        named = search.keys(only_candidates(numbered), candidates=json.dumps(candidates)) if candidates else []
        total = search.number(number_about(subject)) + len(named)
    elif connection.dialect.name == "sqlite":
        total = search.number(number_of(search.walked(among)))
    else:
        total = search.number(number_about(subject)) + search.number(number_named(subject))
    skip, end = min(query.page * query.size, total), min((query.page + 1) * query.size, total)
    if skip == end:
        return total, []
    backwards = total - end < skip
    steps = (end if not backwards else total - skip) * among / total
    if named is not None and total <= a_step * steps:
        every = sorted(named + search.keys(about(subject)), reverse=True)
        return total, _page(every, query)
    before = total - end if backwards else skip
    found = search.keys(walk(search.walked(steps), backwards=backwards), skip=before, size=end - skip)
    return total, [job_id for _, job_id in (reversed(found) if backwards else found)]


def _page(every: list[Key], query: JobQuery) -> list[str]:
    first = query.page * query.size
    return [job_id for _, job_id in every[first : first + query.size]]


def _named(kind: Kind) -> ColumnElement[bool]:
    return contains.named(kind.dialect, ascii_term=kind.ascii_term)


def _either(kind: Kind) -> ColumnElement[bool]:
    return or_(contains.ABOUT, _named(kind))


_KEY: Final = select(table.c.filed, table.c.job_id)
_NUMBER: Final = select(func.count()).select_from(table)


def _all_that(statement: Select[Any], kind: Kind, *conditions: ColumnElement[bool]) -> Select[Any]:
    """What the statement selects, of the jobs of the kind for which the conditions hold too."""
    return access.hinted(statement, kind.shape).where(*access.conditions(kind.shape), *conditions)


@lru_cache(maxsize=256)
def matching(kind: Kind) -> Prepared:
    """All that match, by either text, in the order of the report."""
    return Prepared(_all_that(_KEY, kind, _either(kind)).order_by(*access.order(backwards=False)))


@lru_cache(maxsize=256)
def walk(kind: Kind, *, backwards: bool) -> Prepared:
    """Those `size` of them that come after `skip`, in the order of the report or backwards."""
    found = _all_that(_KEY, kind, _either(kind)).order_by(*access.order(backwards=backwards))
    return Prepared(found.limit(bindparam("size")).offset(bindparam("skip")))


@lru_cache(maxsize=256)
def about(kind: Kind) -> Prepared:
    """Those whose description matches, in no order."""
    return Prepared(_all_that(_KEY, kind, contains.ABOUT))


@lru_cache(maxsize=256)
def only_candidates(kind: Kind) -> Prepared:
    """Those of the candidates whose ID matches and whose description does not."""
    return Prepared(_all_that(_KEY, kind, contains.CANDIDATE, _named(kind), not_(contains.ABOUT)))


@lru_cache(maxsize=256)
def number_of(kind: Kind) -> Prepared:
    """How many match, by either text."""
    return Prepared(_all_that(_NUMBER, kind, _either(kind)))


@lru_cache(maxsize=256)
def number_about(kind: Kind) -> Prepared:
    """How many match by their description."""
    return Prepared(_all_that(_NUMBER, kind, contains.ABOUT))


@lru_cache(maxsize=256)
def number_named(kind: Kind) -> Prepared:
    """How many match by their ID alone."""
    return Prepared(_all_that(_NUMBER, kind, _named(kind), not_(contains.ABOUT)))
