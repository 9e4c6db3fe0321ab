"""A term, as parameters, in; conditions on the texts that a search looks into out, for each database.

Both sides are folded. The parameters are `tenant`, `search` (the term), `pattern` (the term for LIKE) and, in SQLite,
`candidates` (a JSON array of job numbers).
"""

from typing import Any, Final

from sqlalchemy import Boolean, ColumnElement, Integer, Text, bindparam, func, literal_column, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.expression import FunctionElement

from jobreport.store.schema import job as table
from jobreport.store.schema import subject as subjects

_TENANT: Final = bindparam("tenant", type_=Integer())
_TERM: Final = bindparam("search", type_=Text())


class _Contains(FunctionElement[bool]):
    """Whether the first text holds the second. Every character means itself, `%` and `_` too."""

    type = Boolean()
    inherit_cache = True


@compiles(_Contains, "sqlite")
def _contains_in_sqlite(element: _Contains, compiler: SQLCompiler, **options: Any) -> str:
    return f"instr({compiler.process(element.clauses, **options)}) > 0"


@compiles(_Contains, "postgresql")
def _contains_in_postgresql(element: _Contains, compiler: SQLCompiler, **options: Any) -> str:
    return f"strpos({compiler.process(element.clauses, **options)}) > 0"


class _SpecialId(FunctionElement[bool]):
    """Whether a job's ID is one with a folded text of its own that holds the term. SQLite only."""

    type = Boolean()
    inherit_cache = True


@compiles(_SpecialId, "sqlite")
def _special_id(element: _SpecialId, compiler: SQLCompiler, **options: Any) -> str:
    tenant, term = (compiler.process(clause, **options) for clause in element.clauses)
    special = f"special.tenant = {tenant} AND special.folded_id IS NOT NULL AND instr(special.folded_id, {term}) > 0"
    return f"job.id IN (SELECT special.id FROM job AS special WHERE {special})"  # noqa: S608 - parameters' marks


class _PlainId(FunctionElement[bool]):
    """Whether a job's ID of ASCII characters is like the pattern. SQLite only, whose LIKE folds just these."""

    type = Boolean()
    inherit_cache = True


@compiles(_PlainId, "sqlite")
def _plain_id(element: _PlainId, compiler: SQLCompiler, **options: Any) -> str:
    return f"job.job_id LIKE {compiler.process(element.clauses, **options)} ESCAPE '\\'"


class _AnyId(FunctionElement[bool]):
    """Whether a job's folded ID is like the pattern. PostgreSQL only, whose index knows this very expression."""

    type = Boolean()
    inherit_cache = True


@compiles(_AnyId, "postgresql")
def _any_id(element: _AnyId, compiler: SQLCompiler, **options: Any) -> str:
    return f"coalesce(job.folded_id, lower(job.job_id)) LIKE {compiler.process(element.clauses, **options)}"


ABOUT: Final[ColumnElement[bool]] = table.c.subject.in_(
    select(subjects.c.subject).where(subjects.c.tenant == _TENANT, _Contains(subjects.c.folded, _TERM))
)
"""Jobs whose description holds the term."""

_NUMBERS: Final = func.json_each(bindparam("candidates", type_=Text())).table_valued("value")
CANDIDATE: Final[ColumnElement[bool]] = literal_column("job.id", Integer()).in_(select(_NUMBERS.c.value))
"""Jobs that the trigrams name. SQLite only.

Not as a function of ours like those above: SQLAlchemy would write `= 1` after it, and no key answers that.
"""

_PATTERN: Final = bindparam("pattern", type_=Text())
_SPECIAL: Final = _SpecialId(_TENANT, _TERM)


def named(dialect: str, *, ascii_term: bool) -> ColumnElement[bool]:
    """Jobs whose ID holds the term. One that has other characters than ASCII's is in no ID that has only these."""
    if dialect != "sqlite":
        return _AnyId(_PATTERN)
    return _PlainId(_PATTERN) | _SPECIAL if ascii_term else _SPECIAL


def pattern(term: str) -> str:
    """The term for LIKE."""
    for special in ("\\", "%", "_"):
        term = term.replace(special, "\\" + special)
    return f"%{term}%"
