"""The SQL conditions of a text search. It looks into a job's ID and reference, and the description of its subject.

Many jobs share a subject (table `subject`). Upper and lower case are the same: the term and both texts are case-folded.
The statements have these parameters:

- `search`: the term.
- `pattern`: the term as a pattern for LIKE.
- `tail`: the last characters of the term as a pattern for LIKE, for PostgreSQL's trigram index.
- `described`: the numbers of the subjects whose description contains the term.
- `candidates`, only in SQLite: the jobs whose ID may contain the term, found by `derived.trigrams`.
"""

import json
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Integer,
    Select,
    TableClause,
    Text,
    and_,
    bindparam,
    column,
    func,
    literal_column,
    not_,
    or_,
    select,
    union_all,
)

from jobreport.model.job import INT32_MAX
from jobreport.store.db import Dialect, dialect_of
from jobreport.store.db.expressions import array_items, contains, like_ignoring_case, row_key, row_number
from jobreport.store.db.prepared import Prepared
from jobreport.store.derived.trigrams import Candidates
from jobreport.store.schema.jobs import job as table
from jobreport.store.schema.jobs import subject as subjects


class Texts(StrEnum):
    """In which text of a job the search looks for the term.

    `NAMED` leaves out the jobs that `DESCRIBED` finds. So a search can add the two, and no job is counted twice.
    """

    NONE = "in none"
    EITHER = "in the ID, the reference or the description"
    DESCRIBED = "in the description"
    NAMED = "in the ID or the reference, of those whose description does not hold it"


ROWS: Final = "rows"
PLAIN: Final = "plain"
MOST: Final = 100_000
"""Up to this many candidates are checked one by one; if there are more, all jobs are read instead."""
_TAIL: Final = 7
"""PostgreSQL looks up this many characters, from the end of the term, in its trigram index."""

_TENANT: Final = bindparam("tenant", type_=Integer())
_TERM: Final = bindparam("search", type_=Text())
_PATTERN: Final = bindparam("pattern", type_=Text())
_CANDIDATES: Final = bindparam("candidates", type_=Text())
_GRAMS: Final = TableClause("job_gram", column("rowid", Integer))


def condition(dialect: Dialect, look_in: Texts, *, ascii_term: bool, candidates: str) -> ColumnElement[bool]:
    """The condition that the term is in the texts that `look_in` says.

    `ascii_term`: whether the folded term has only ASCII characters. For `NAMED`, `candidates` says what the parameter
    of that name contains: `numbers` is a list of job numbers, `parts` an FTS5 query that finds the jobs. It is empty if
    the database has its own trigram index (PostgreSQL). For `EITHER` it is `ROWS` if few jobs are looked at. It is
    `PLAIN` if neither a reference nor an ID that is not ASCII contains the term (see `is_plain`).
    """
    described = _described(dialect)
    if look_in is Texts.DESCRIBED:
        return described
    if look_in is Texts.EITHER:
        return or_(described, *_named(ascii_term=ascii_term, how=candidates))
    if not candidates:
        return and_(_named_by_trigrams(), not_(described))
    if candidates == "numbers":
        numbers = array_items("candidates", table.c.subject)
    else:
        numbers = select(_GRAMS.c.rowid).where(literal_column("job_gram").match(_CANDIDATES))
    return and_(row_number(table).in_(numbers), or_(*_named(ascii_term=ascii_term, how=ROWS)), not_(described))


def given(candidates: Candidates) -> tuple[str, str]:
    """For SQLite: what the parameter `candidates` contains (`numbers` or `parts`, see `condition`), and its value."""
    return ("parts", candidates.match) if candidates.match else ("numbers", json.dumps(candidates.numbers))


def values(connection: Connection, tenant: int, term: str, most: int) -> dict[str, Any]:
    """The values of all parameters except `candidates`, for a folded term.

    PostgreSQL always gets the complete list `described`, because its planner looks at the length of the list. SQLite
    gets None if more than `most` subjects match; then each statement looks for the subjects itself.
    """
    dialect = dialect_of(connection)
    bound = INT32_MAX if dialect.plans_by_values else most + 1
    rows = _DESCRIBING.rows(connection, {"tenant": tenant, "search": term, "most": bound})
    described = None if len(rows) == bound else dialect.array([number for (number,) in rows])
    return {"search": term, "pattern": pattern(term), "tail": pattern(term[-_TAIL:]), "described": described}


def _describing() -> Select[Any]:
    """A query for the numbers of the subjects whose description contains the term."""
    return select(subjects.c.subject).where(subjects.c.tenant == _TENANT, contains(subjects.c.folded, _TERM))


_DESCRIBING: Final = Prepared(_describing().limit(bindparam("most")))


def _described(dialect: Dialect) -> ColumnElement[bool]:
    """The condition that the description contains the term.

    All statements of a search share the list `described`, so that the descriptions are read only once. In SQLite
    the list may be missing (see `values`); then the condition looks for the subjects itself.
    """
    known = array_items("described", subjects.c.subject)
    if dialect.plans_by_values:
        return table.c.subject.in_(known)
    return table.c.subject.in_(union_all(known, _describing().where(bindparam("described", type_=Text()).is_(None))))


def _named(*, ascii_term: bool, how: str) -> list[ColumnElement[bool]]:
    """The conditions of which one must be met: that the ID, or the reference, contains the term.

    An ID with only ASCII characters is compared with LIKE. Any other ID has its case-folded text in `folded_id`. A term
    that is not ASCII can only be in the second kind. An ASCII term can be in both: `strasse` is in `Straße-1`, because
    that is folded to `strasse-1`. References have only ASCII characters.

    `how` is as for `condition`. If few jobs are looked at (`ROWS`), their rows are read for their references; otherwise
    the index of references, since it is read faster than the rows of all jobs.
    """
    # An ID without `folded_id` has only ASCII characters, so it is enough to ignore the case of ASCII letters.
    plain = [like_ignoring_case(table.c.job_id, _PATTERN)] if ascii_term else []
    if how == PLAIN:
        return plain
    found = [_folded()]
    if ascii_term and how == ROWS:
        plain.append(like_ignoring_case(table.c.reference, _PATTERN))
    elif ascii_term:
        found.append(_referred())
    return [*plain, row_key(table.c.job_id).in_(union_all(*found))]


def _folded() -> Select[Any]:
    """A query for the tenant's jobs whose ID is not only ASCII, and contains the term."""
    return _jobs_where(lambda special: [special.c.folded_id.is_not(None), contains(special.c.folded_id, _TERM)])


def _referred() -> Select[Any]:
    """A query for the tenant's jobs whose reference contains the term."""
    return _jobs_where(
        lambda special: [special.c.reference.is_not(None), like_ignoring_case(special.c.reference, _PATTERN)]
    )


def _jobs_where(conditions: Callable[[FromClause], list[ColumnElement[bool]]]) -> Select[Any]:
    special = table.alias("special")
    return (
        select(row_key(special.c.job_id)).select_from(special).where(special.c.tenant == _TENANT, *conditions(special))
    )


SPECIAL: Final = Prepared(select(or_(_folded().exists(), _referred().exists())))
"""Whether a reference of the tenant, or an ID that is not only ASCII, contains the term."""


def is_plain(connection: Connection, values: Mapping[str, Any]) -> bool:
    """Whether neither a reference of the tenant nor an ID that is not ASCII contains the term.

    Then `PLAIN` says so to the statements, and they need not compare every job with those that do.
    """
    return not SPECIAL.rows(connection, values)[0][0]


def _named_by_trigrams() -> ColumnElement[bool]:
    """The condition that the ID or the reference contains the term, written for PostgreSQL's trigram indexes (three
    characters each).

    Most job IDs begin with a kind and a date. So nearly all have the same trigrams there, and looking those up is slow.
    An index is therefore asked only for the last `_TAIL` characters, and the rows found are compared with the whole
    term. Example: for `backup-20261123-0042` the index is asked for `23-0042`.
    """
    # The same expressions as in the indexes.
    folded = func.coalesce(table.c.folded_id, func.lower(table.c.job_id))
    referred = func.lower(table.c.reference)
    tail = bindparam("tail", type_=Text())
    return or_(
        and_(folded.like(tail), contains(folded, _TERM)),
        and_(table.c.reference != table.c.job_id, referred.like(tail), contains(referred, _TERM)),
    )


def pattern(term: str) -> str:
    """The term as a pattern for LIKE, with special characters escaped: `50%` becomes `%50\\%%`."""
    for special in ("\\", "%", "_"):
        term = term.replace(special, "\\" + special)
    return f"%{term}%"
