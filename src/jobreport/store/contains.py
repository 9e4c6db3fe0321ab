"""A term, as parameters, in; conditions on the texts that a search looks into out, for each database.

Both sides are folded. The parameters are `tenant`, `search` (the term), `pattern` (the term for LIKE) and, in SQLite,
`candidates` (a JSON array of job numbers, or what the index of ID parts is asked for).
"""

from typing import Any, Final

from sqlalchemy import ColumnElement, Integer, TableClause, Text, bindparam, column, func, literal_column, select

from jobreport.store.schema import job as table
from jobreport.store.schema import subject as subjects

_TENANT: Final = bindparam("tenant", type_=Integer())
_TERM: Final = bindparam("search", type_=Text())
_PATTERN: Final = bindparam("pattern", type_=Text())
_NUMBER: Final = literal_column("job.id", Integer)
"""Of a job, in SQLite."""

_GRAMS: Final = TableClause("job_gram", column("rowid", Integer))
_CANDIDATES: Final = bindparam("candidates", type_=Text())
_EACH: Final = func.json_each(_CANDIDATES).table_valued("value")
NUMBERED: Final[ColumnElement[bool]] = _NUMBER.in_(select(_EACH.c.value))
"""Jobs with these numbers. SQLite only."""
MATCHED: Final[ColumnElement[bool]] = _NUMBER.in_(
    select(_GRAMS.c.rowid).where(literal_column("job_gram").match(_CANDIDATES))
)
"""Jobs that the index of ID parts names. SQLite only."""


def about(dialect: str) -> ColumnElement[bool]:
    """Jobs whose description holds the term."""
    held = select(subjects.c.subject).where(subjects.c.tenant == _TENANT, holds(dialect, subjects.c.folded))
    return table.c.subject.in_(held)


def named(dialect: str, *, ascii_term: bool) -> ColumnElement[bool]:
    """Jobs whose ID holds the term. One that has other characters than ASCII's is in no ID that has only these."""
    if dialect != "sqlite":
        # Just the expression that the index of trigrams knows.
        return func.coalesce(table.c.folded_id, func.lower(table.c.job_id)).like(_PATTERN)
    special = table.alias("special")
    mine = special.c.tenant == _TENANT, special.c.folded_id.is_not(None), holds(dialect, special.c.folded_id)
    by_folded_text = _NUMBER.in_(select(literal_column("special.id", Integer)).select_from(special).where(*mine))
    # LIKE folds the letters of ASCII, which is all that there is to an ID without a folded text of its own.
    return table.c.job_id.like(_PATTERN, escape="\\") | by_folded_text if ascii_term else by_folded_text


def pattern(term: str) -> str:
    """The term for LIKE."""
    for special in ("\\", "%", "_"):
        term = term.replace(special, "\\" + special)
    return f"%{term}%"


def holds(dialect: str, column: ColumnElement[Any], term: ColumnElement[str] = _TERM) -> ColumnElement[bool]:
    """Whether the text holds the term. Every character means itself, `%` and `_` too."""
    place = func.instr if dialect == "sqlite" else func.strpos
    return place(column, term) > literal_column("0")
