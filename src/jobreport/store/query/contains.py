"""A term, as parameters, in; conditions on the texts that a search looks into out, for each database.

Both sides are folded. The parameters are `tenant`, `search` (the term), `pattern` (the term for LIKE),
`subjects` (an array of the numbers of what matches; in SQLite as JSON), `candidates` (a JSON array of job numbers, or
what the index of ID parts is asked for); and in PostgreSQL `tail` (the end of the term for LIKE).
"""

from typing import Any, Final

from sqlalchemy import (
    ARRAY,
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
    select,
    union_all,
)

from jobreport.store.db.arrays import among
from jobreport.store.db.prepared import Parameters, Prepared
from jobreport.store.schema.jobs import job as table
from jobreport.store.schema.jobs import subject as subjects

_TENANT: Final = bindparam("tenant", type_=Integer())
_TERM: Final = bindparam("search", type_=Text())
_PATTERN: Final = bindparam("pattern", type_=Text())
_NUMBER: Final = literal_column("job.id", Integer)
"""Of a job, in SQLite."""

MOST: Final = 100_000
"""So many candidates are looked at one by one; where there are more, all jobs are read."""
_TAIL: Final = 7
"""Characters of a term's end that an index of trigrams is asked for."""

_GRAMS: Final = TableClause("job_gram", column("rowid", Integer))
_CANDIDATES: Final = bindparam("candidates", type_=Text())
_EACH: Final = func.json_each(_CANDIDATES).table_valued("value")
NUMBERED: Final[ColumnElement[bool]] = _NUMBER.in_(select(_EACH.c.value))
"""Jobs with these numbers. SQLite only."""
MATCHED: Final[ColumnElement[bool]] = _NUMBER.in_(
    select(_GRAMS.c.rowid).where(literal_column("job_gram").match(_CANDIDATES))
)
"""Jobs that the index of ID parts names. SQLite only."""


def holds(dialect: str, column: ColumnElement[Any], term: ColumnElement[str] = _TERM) -> ColumnElement[bool]:
    """Whether the text holds the term. Every character means itself, `%` and `_` too."""
    place = func.instr if dialect == "sqlite" else func.strpos
    return place(column, term) > literal_column("0")


def _held(dialect: str) -> Select[Any]:
    """The numbers of descriptions that hold the term."""
    return select(subjects.c.subject).where(subjects.c.tenant == _TENANT, holds(dialect, subjects.c.folded))


_HELD: Final = {dialect: Prepared(_held(dialect).limit(bindparam("most"))) for dialect in ("sqlite", "postgresql")}


def about(dialect: str) -> ColumnElement[bool]:
    """Jobs whose description holds the term. The descriptions are looked up once for all statements of a search."""
    if dialect == "sqlite":
        numbers = bindparam("subjects", type_=Text())
        known = select(func.json_each(numbers).table_valued("value", name="known").c.value)
        # Where they are too many to be held in memory, each statement looks for them itself.
        return table.c.subject.in_(union_all(known, _held(dialect).where(numbers.is_(None))))
    # How many there are its planner only knows of what it is given.
    return table.c.subject.in_(select(func.unnest(bindparam("subjects", type_=ARRAY(Integer)))))


def named(dialect: str, *, ascii_term: bool) -> ColumnElement[bool]:
    """Jobs whose ID holds the term. One that has other characters than ASCII's is in no ID that has only these."""
    special = table.alias("special")
    mine = special.c.tenant == _TENANT, special.c.folded_id.is_not(None), holds(dialect, special.c.folded_id)
    if dialect == "sqlite":
        # LIKE folds the letters of ASCII, which is all that there is to an ID without a folded text of its own.
        plain = table.c.job_id.like(_PATTERN, escape="\\")
        folded = _NUMBER.in_(select(literal_column("special.id", Integer)).select_from(special).where(*mine))
    else:
        # The key's collation folds them too, and nothing else.
        plain = func.lower(table.c.job_id).like(_PATTERN)
        folded = table.c.job_id.in_(select(special.c.job_id).where(*mine))
    return plain | folded if ascii_term else folded


def named_by_trigrams() -> ColumnElement[bool]:
    """The same, by the index of them. PostgreSQL only.

    Job IDs begin alike, with a kind and a date, and each part of three characters that nearly all have takes the index
    long. So it is asked for the term's end alone.
    """
    folded = func.coalesce(table.c.folded_id, func.lower(table.c.job_id))  # just as the index has it
    return and_(folded.like(bindparam("tail", type_=Text())), holds("postgresql", folded))


def named_at_most(connection: Connection, statement: Prepared, values: Parameters, most: int) -> list[Any] | None:
    """The rows of jobs `named_by_trigrams` and not `about`, which `statement` gives, up to its parameter `most`.

    None where there are more than `most`, or seem to be: to look each of them up, if only to count them, takes longer
    than to read all jobs.
    """
    values = {**values, "most": most + 1}
    # The index's statistics the planner knows. Of whether the whole term is there it takes a third, of the description
    # a half.
    if 6 * statement.estimated_rows(connection, values) > most:
        return None
    found = statement.rows(connection, values)
    return found if len(found) <= most else None


def values(connection: Connection, tenant: int, term: str, most: int = MOST) -> dict[str, Any]:
    """The parameters for a folded term, but for `candidates`; in SQLite no more than `most` subjects are named."""
    dialect = connection.dialect.name
    found: dict[str, Any] = {"tenant": tenant, "search": term}
    bound = most + 1 if dialect == "sqlite" else None
    held = _HELD[dialect].rows(connection, {**found, "most": bound}) if term else []
    subjects = [subject for (subject,) in held]
    known = None if len(subjects) == bound else among(connection, subjects)
    return found | {"pattern": _pattern(term), "tail": _pattern(term[-_TAIL:]), "subjects": known}


def _pattern(term: str) -> str:
    """The term for LIKE."""
    for special in ("\\", "%", "_"):
        term = term.replace(special, "\\" + special)
    return f"%{term}%"
