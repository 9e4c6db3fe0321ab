"""A search text in, the condition on stored jobs out, the same on every database."""

from typing import Any, Final

from sqlalchemy import Boolean, ColumnElement, Text, bindparam
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.expression import FunctionElement

from jobreport.store.schema import job as table


class _Contains(FunctionElement[bool]):
    """Whether the first text holds the second. Every character means itself, `%` and `_` too."""

    type = Boolean()
    inherit_cache = True


@compiles(_Contains, "sqlite")
def _in_sqlite(element: _Contains, compiler: SQLCompiler, **options: Any) -> str:
    return f"instr({compiler.process(element.clauses, **options)}) > 0"


@compiles(_Contains, "postgresql")
def _in_postgresql(element: _Contains, compiler: SQLCompiler, **options: Any) -> str:
    return f"strpos({compiler.process(element.clauses, **options)}) > 0"


# Both sides are folded before they get here.
CONDITION: Final[ColumnElement[bool]] = _Contains(table.c.folded, bindparam("search", type_=Text()))
