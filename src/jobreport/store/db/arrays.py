"""Many texts or numbers as one parameter in; the condition that a column is one of them, for each database, out."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, Connection, Integer, Text, bindparam
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.expression import FunctionElement

_TEXTS: Final = Text().with_variant(ARRAY(Text), "postgresql")
_NUMBERS: Final = Text().with_variant(ARRAY(Integer), "postgresql")


class _OneOf(FunctionElement[int]):
    """Whether the first is among the second."""

    # Not a boolean: for SQLite that would be compared with 1, and then no index looks for it.
    type = Integer()
    inherit_cache = True


@compiles(_OneOf, "sqlite")
def _in_sqlite(element: _OneOf, compiler: SQLCompiler, **options: Any) -> str:
    column, array = (compiler.process(clause, **options) for clause in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({array}))"  # noqa: S608 - a column and a parameter's mark


@compiles(_OneOf, "postgresql")
def _in_postgresql(element: _OneOf, compiler: SQLCompiler, **options: Any) -> str:
    column, array = (compiler.process(clause, **options) for clause in element.clauses)
    return f"{column} = ANY ({array})"


def one_of(column: ColumnElement[Any], parameter: str = "ids") -> ColumnElement[Any]:
    """Whether the column is one of the texts, or numbers, of the parameter."""
    return _OneOf(column, bindparam(parameter, type_=_NUMBERS if isinstance(column.type, Integer) else _TEXTS))


def among(connection: Connection, texts: Sequence[str] | Sequence[int]) -> str | list[str] | list[int]:
    """The value of the parameter."""
    return [*texts] if connection.dialect.name == "postgresql" else msgspec.json.encode(texts).decode()
