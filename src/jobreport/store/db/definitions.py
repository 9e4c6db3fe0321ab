"""Parts of table definitions that each database writes in its own way."""

from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Index, Text, text

from jobreport.store.db import citus

CodePointText: Final = Text().with_variant(Text(collation="C"), "postgresql")
"""A text column that is sorted by code point. SQLite always does that; PostgreSQL would sort by the locale."""

CLUSTERED: Final[dict[str, Any]] = {"sqlite_with_rowid": False}
"""Options of a table whose rows are stored in the index of the primary key. Only SQLite has this."""

_CONSTRAINTS: Final = text(
    "SELECT conname, contype IN ('p', 'u', 'x') FROM pg_constraint WHERE conrelid = CAST(:table AS regclass)"
)


def free_names(connection: Connection, table: str) -> None:
    """Puts `old_` before the names of a table's constraints, so that another table can have them. Which there are
    depends on PostgreSQL's version.

    On a Citus cluster only those that are kept by an index are renamed, with it: it renames no others.
    """
    on_a_cluster = citus.is_installed(connection)
    for name, by_index in connection.execute(_CONSTRAINTS, {"table": table}).all():
        if by_index:
            connection.exec_driver_sql(f'ALTER INDEX "{name}" RENAME TO "old_{name}"')
        elif not on_a_cluster:
            connection.exec_driver_sql(f'ALTER TABLE {table} RENAME CONSTRAINT "{name}" TO "old_{name}"')


def partial_index(name: str, condition: str, *columns: str, unique: bool = False) -> Index:
    """Returns an index of only the rows that meet a condition. Only statements that repeat the condition can use it."""
    return Index(name, *columns, unique=unique, sqlite_where=text(condition), postgresql_where=text(condition))


def trigram_index(name: str, expression: ColumnElement[str], condition: str = "") -> Index:
    """Returns an index that finds parts of a text, of all rows or only of those that meet a condition.

    Only for a database with `Dialect.has_trigram_index`.
    """
    label = "folded"
    return Index(
        name,
        expression.label(label),
        postgresql_using="gin",
        postgresql_ops={label: "gin_trgm_ops"},
        postgresql_where=text(condition) if condition else None,
    )
