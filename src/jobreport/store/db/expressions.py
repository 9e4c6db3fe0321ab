"""SQL expressions that each database writes in its own way.

They are chosen when a statement is compiled, so that one statement serves every database.
"""

from collections.abc import Callable
from typing import Any, Final, TypeVar

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Integer,
    Select,
    Text,
    bindparam,
    literal_column,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.expression import FunctionElement

S = TypeVar("S", bound=Select[Any])

_TEXTS: Final = Text().with_variant(ARRAY(Text), "postgresql")
_NUMBERS: Final = Text().with_variant(ARRAY(Integer), "postgresql")


def _written(element: type[FunctionElement[Any]], *, sqlite: str, postgresql: str) -> None:
    """How an expression is written; `{0}`, `{1}` stand for its operands."""

    def writer(template: str) -> Callable[..., str]:
        def write(element: FunctionElement[Any], compiler: SQLCompiler, **options: Any) -> str:
            return template.format(*(compiler.process(clause, **options) for clause in element.clauses))

        return write

    compiles(element, "sqlite")(writer(sqlite))
    compiles(element, "postgresql")(writer(postgresql))


class _AnyOf(FunctionElement[int]):
    # Not a boolean: SQLAlchemy would compare it with 1 for SQLite, and then no index is used.
    type = Integer()
    inherit_cache = True


class _Position(FunctionElement[int]):
    type = Integer()
    inherit_cache = True


class _Comparable(FunctionElement[str]):
    type = Text()
    inherit_cache = True


class _Pattern(FunctionElement[str]):
    type = Text()
    inherit_cache = True


class _AsciiLower(FunctionElement[str]):
    type = Text()
    inherit_cache = True


class _Items(FunctionElement[Any]):
    type = Integer()
    inherit_cache = True


class _RowKey(FunctionElement[Any]):
    type = Text()
    inherit_cache = True


_written(_AnyOf, sqlite="{0} IN (SELECT value FROM json_each({1}))", postgresql="{0} = ANY ({1})")
_written(_Position, sqlite="instr({0}, {1})", postgresql="strpos({0}, {1})")
# SQLite's LIKE ignores the case of ASCII letters anyway; PostgreSQL's escape character is this one anyway.
_written(_Comparable, sqlite="{0}", postgresql="lower({0})")
_written(_Pattern, sqlite="{0} ESCAPE '\\'", postgresql="{0}")
_written(_AsciiLower, sqlite="lower({0})", postgresql='lower({0} COLLATE "C")')
_written(_Items, sqlite="value FROM json_each({0})", postgresql="unnest({0})")


@compiles(_RowKey, "sqlite")
def _row_number(element: _RowKey, _compiler: SQLCompiler, **_options: Any) -> str:
    (column,) = element.clauses
    return f"{column.table.name}.id"


@compiles(_RowKey, "postgresql")
def _key_column(element: _RowKey, compiler: SQLCompiler, **options: Any) -> str:
    return compiler.process(element.clauses, **options)


def any_of(column: ColumnElement[Any], parameter: str = "ids") -> ColumnElement[Any]:
    """Whether the column is one of the texts, or numbers, of an array parameter (`Dialect.array`)."""
    return _AnyOf(column, _array(parameter, column))


def array_items(parameter: str, like: ColumnElement[Any]) -> Select[Any]:
    """The items of an array parameter as rows, for `column.in_(…)`; `like` is a column of the same type.

    PostgreSQL may plan a join with them, where for `any_of` it looks up each item.
    """
    return select(_Items(_array(parameter, like)))


def contains(column: ColumnElement[Any], term: ColumnElement[str]) -> ColumnElement[bool]:
    """Whether the text holds the term. Every character of the term means itself, `%` and `_` too."""
    return _Position(column, term) > literal_column("0", Integer)


def like_ignoring_case(column: ColumnElement[Any], pattern: ColumnElement[str]) -> ColumnElement[bool]:
    """LIKE with `\\` as escape character, where upper and lower case of ASCII letters are the same.

    `pattern` is in lower case, and the column ASCII only or of the type `CodePointText`.
    """
    return _Comparable(column).bool_op("LIKE")(_Pattern(pattern))


def ascii_lower(column: ColumnElement[Any]) -> ColumnElement[str]:
    """The text with its ASCII letters in lower case and all else as it is, whatever the database's locale."""
    return _AsciiLower(column)


def row_key(key: ColumnElement[Any]) -> ColumnElement[Any]:
    """What leads to a table's row fastest: its number where rows have one (`Dialect.has_row_numbers`), else `key`."""
    return _RowKey(key)


def row_number(table: FromClause) -> ColumnElement[int]:
    """The number of a row; only where rows have one (`Dialect.has_row_numbers`)."""
    return literal_column(f"{getattr(table, 'name', '')}.id", Integer)


def walk(statement: S, table: FromClause, index: str | None) -> S:
    """The statement, by this index of the table; None: by the rows themselves.

    Where the database takes no hint (PostgreSQL), the statement is as it was.
    """
    return statement.with_hint(table, f"INDEXED BY {index}" if index else "NOT INDEXED", "sqlite")


def _array(parameter: str, like: ColumnElement[Any]) -> ColumnElement[Any]:
    return bindparam(parameter, type_=_NUMBERS if isinstance(like.type, Integer) else _TEXTS)
