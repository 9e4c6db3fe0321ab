"""Conditions on the two texts of a job that a search looks into: its ID, and the description of what it is about.

Both the texts and the term are folded. The parameters are `search` (the term), `pattern` (the term for LIKE), `tail`
(its end, for LIKE), `described` (the numbers of the subjects whose description holds it), and in SQLite `candidates`
(the jobs whose ID may hold it).
"""

import json
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
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
    """In which text of a job the term is looked for."""

    NONE = "in none"
    EITHER = "in the ID or the description"
    DESCRIBED = "in the description"
    NAMED = "in the ID, of those whose description does not hold it"


MOST: Final = 100_000
"""So many candidates are looked at one by one; where there are more, all jobs are read."""
_TAIL: Final = 7
"""Characters of a term's end that an index of trigrams is asked for."""

_TENANT: Final = bindparam("tenant", type_=Integer())
_TERM: Final = bindparam("search", type_=Text())
_PATTERN: Final = bindparam("pattern", type_=Text())
_CANDIDATES: Final = bindparam("candidates", type_=Text())
_GRAMS: Final = TableClause("job_gram", column("rowid", Integer))


def condition(dialect: Dialect, look_in: Texts, *, ascii_term: bool, candidates: str) -> ColumnElement[bool]:
    """Whether the term is where it is looked for.

    `candidates` says how the parameter of that name gives them: as `numbers`, or as `parts` of IDs to look up; empty
    where the database finds them by itself.
    """
    described, named = _described(dialect), _named(ascii_term=ascii_term)
    if look_in is Texts.DESCRIBED:
        return described
    if look_in is Texts.EITHER:
        return or_(described, named)
    if not candidates:
        return and_(_named_by_trigrams(), not_(described))
    if candidates == "numbers":
        numbers = array_items("candidates", table.c.subject)
    else:
        numbers = select(_GRAMS.c.rowid).where(literal_column("job_gram").match(_CANDIDATES))
    return and_(row_number(table).in_(numbers), named, not_(described))


def given(candidates: Candidates) -> tuple[str, str]:
    """How SQLite's candidates are given, and the value of their parameter."""
    return ("parts", candidates.match) if candidates.match else ("numbers", json.dumps(candidates.numbers))


def values(connection: Connection, tenant: int, term: str, most: int) -> dict[str, Any]:
    """The parameters for a folded term, but for `candidates`.

    Where the planner does not look at them, no more than `most` subjects are named: otherwise each statement looks for
    them itself.
    """
    dialect = dialect_of(connection)
    bound = INT32_MAX if dialect.plans_by_values else most + 1
    rows = _DESCRIBING.rows(connection, {"tenant": tenant, "search": term, "most": bound})
    described = None if len(rows) == bound else dialect.array([number for (number,) in rows])
    return {"search": term, "pattern": _pattern(term), "tail": _pattern(term[-_TAIL:]), "described": described}


def _describing() -> Select[Any]:
    """The numbers of subjects whose description holds the term."""
    return select(subjects.c.subject).where(subjects.c.tenant == _TENANT, contains(subjects.c.folded, _TERM))


_DESCRIBING: Final = Prepared(_describing().limit(bindparam("most")))


def _described(dialect: Dialect) -> ColumnElement[bool]:
    """Jobs whose description holds the term. The descriptions are looked up once for all statements of a search."""
    known = array_items("described", subjects.c.subject)
    if dialect.plans_by_values:
        return table.c.subject.in_(known)
    return table.c.subject.in_(union_all(known, _describing().where(bindparam("described", type_=Text()).is_(None))))


def _named(*, ascii_term: bool) -> ColumnElement[bool]:
    """Jobs whose ID holds the term. One that has other characters than ASCII's is in no ID that has only these."""
    special = table.alias("special")
    mine = special.c.tenant == _TENANT, special.c.folded_id.is_not(None), contains(special.c.folded_id, _TERM)
    folded = row_key(table.c.job_id).in_(select(row_key(special.c.job_id)).select_from(special).where(*mine))
    # All that there is to fold in an ID without a folded text of its own are the letters of ASCII.
    return or_(like_ignoring_case(table.c.job_id, _PATTERN), folded) if ascii_term else folded


def _named_by_trigrams() -> ColumnElement[bool]:
    """The same, by the database's own index of trigrams.

    Job IDs begin alike, with a kind and a date, and each part of three characters that nearly all have takes the index
    long. So it is asked for the term's end alone.
    """
    folded = func.coalesce(table.c.folded_id, func.lower(table.c.job_id))  # just as the index has it
    return and_(folded.like(bindparam("tail", type_=Text())), contains(folded, _TERM))


def _pattern(term: str) -> str:
    """The term for LIKE."""
    for special in ("\\", "%", "_"):
        term = term.replace(special, "\\" + special)
    return f"%{term}%"
