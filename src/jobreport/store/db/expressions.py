"""SQL expressions that each database writes in its own way.

The SQL is chosen when a statement is compiled, so one statement works on every database.
"""

from collections.abc import Callable
from typing import Any, Final, TypeVar

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Integer,
    Select,
    String,
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
# Not Text too: statements are remembered by the type, in which a variant does not count.
_NUMBERS: Final = String().with_variant(ARRAY(Integer), "postgresql")


def _written(element: type[FunctionElement[Any]], *, sqlite: str, postgresql: str) -> None:
    """Sets the SQL of an expression for each database. `{0}` and `{1}` are its operands."""

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


class _Item(FunctionElement[Any]):
    type = Text()
    inherit_cache = True


_written(_AnyOf, sqlite="{0} IN (SELECT value FROM json_each({1}))", postgresql="{0} = ANY ({1})")
_written(_Position, sqlite="instr({0}, {1})", postgresql="strpos({0}, {1})")
# SQLite's LIKE ignores the case of ASCII letters anyway; PostgreSQL's escape character is this one anyway.
_written(_Comparable, sqlite="{0}", postgresql="lower({0})")
_written(_Pattern, sqlite="{0} ESCAPE '\\'", postgresql="{0}")
_written(_AsciiLower, sqlite="lower({0})", postgresql='lower({0} COLLATE "C")')
# Citus 13.2 crashes at a bare item in a SET: it takes it for one of a column that is an array.
_written(_Item, sqlite="json_extract({0}, '$[' || ({1} - 1) || ']')", postgresql="coalesce(({0})[{1}])")
_written(_Items, sqlite="value FROM json_each({0})", postgresql="unnest({0})")


@compiles(_RowKey, "sqlite")
def _row_number(element: _RowKey, _compiler: SQLCompiler, **_options: Any) -> str:
    (column,) = element.clauses
    return f"{column.table.name}.id"


@compiles(_RowKey, "postgresql")
def _key_column(element: _RowKey, compiler: SQLCompiler, **options: Any) -> str:
    return compiler.process(element.clauses, **options)


def any_of(column: ColumnElement[Any], parameter: str = "ids") -> ColumnElement[Any]:
    """Returns the condition that the column is one of the items of an array parameter (`Dialect.array`)."""
    return _AnyOf(column, _array(parameter, column))


def array_items(parameter: str, like: ColumnElement[Any]) -> Select[Any]:
    """Returns the items of an array parameter as rows, for `column.in_(…)`; `like` is a column of the same type.

    PostgreSQL can plan a join with these rows, while for `any_of` it looks up each item.
    """
    return select(_Items(_array(parameter, like)))


def item(array: ColumnElement[Any], place: ColumnElement[Any]) -> ColumnElement[Any]:
    """Returns the item at a place of an array; the first is at 1."""
    return _Item(array, place)


def contains(column: ColumnElement[Any], term: ColumnElement[str]) -> ColumnElement[bool]:
    """Returns the condition that the text contains the term. `%` and `_` in the term are ordinary characters."""
    return _Position(column, term) > literal_column("0", Integer)


def like_ignoring_case(column: ColumnElement[Any], pattern: ColumnElement[str]) -> ColumnElement[bool]:
    """Returns a LIKE condition that ignores the case of ASCII letters; `\\` is its escape character.

    `pattern` must be in lower case. The column must contain only ASCII, or be of the type `CodePointText`.
    """
    return _Comparable(column).bool_op("LIKE")(_Pattern(pattern))


def ascii_lower(column: ColumnElement[Any]) -> ColumnElement[str]:
    """Returns the text with its ASCII letters in lower case and all others unchanged, whatever the locale is."""
    return _AsciiLower(column)


def row_key(key: ColumnElement[Any]) -> ColumnElement[Any]:
    """Returns the column by which a row is found fastest: the row's number if it has one, otherwise `key`.

    `Dialect.has_row_numbers` says whether rows have numbers.
    """
    return _RowKey(key)


def row_number(table: FromClause) -> ColumnElement[int]:
    """Returns the number of a row. Only for a database with `Dialect.has_row_numbers`."""
    return literal_column(f"{getattr(table, 'name', '')}.id", Integer)


def walk(statement: S, table: FromClause, index: str | None) -> S:
    """Returns the statement with the hint to read the table by this index; None: to use no index.

    PostgreSQL has no hints; there the statement does not change.
    """
    return statement.with_hint(table, f"INDEXED BY {index}" if index else "NOT INDEXED", "sqlite")


def _array(parameter: str, like: ColumnElement[Any]) -> ColumnElement[Any]:
    return bindparam(parameter, type_=_NUMBERS if isinstance(like.type, Integer) else _TEXTS)
