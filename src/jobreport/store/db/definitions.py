"""Parts of table definitions that each database writes in its own way."""

from typing import Any, Final

from sqlalchemy import ColumnElement, Index, Text, text

CodePointText: Final = Text().with_variant(Text(collation="C"), "postgresql")
"""A text that is ordered by code point, as keys are. SQLite compares bytes anyway; PostgreSQL would ask the locale."""

CLUSTERED: Final[dict[str, Any]] = {"sqlite_with_rowid": False}
"""Options of a table whose rows lie in the tree of the primary key, where the database can do that (SQLite)."""


def partial_index(name: str, condition: str, *columns: str) -> Index:
    """An index of the rows that meet a condition. It serves only a statement that repeats the condition."""
    return Index(name, *columns, sqlite_where=text(condition), postgresql_where=text(condition))


def trigram_index(name: str, expression: ColumnElement[str]) -> Index:
    """An index that finds parts of a text; only where `Dialect.has_trigram_index`."""
    label = "folded"
    return Index(name, expression.label(label), postgresql_using="gin", postgresql_ops={label: "gin_trgm_ops"})
