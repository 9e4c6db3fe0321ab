"""Writes many rows at once. SQLAlchemy makes the SQL once for each database, and the driver runs it for all rows.

This is faster than to write through SQLAlchemy, which looks at each value of each row. `store.db.prepared` does the
same for reads.
"""

from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any, Final

from sqlalchemy import Connection, Table, bindparam, insert, update
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.sql.dml import UpdateBase

from jobreport.store.db import Dialect, dialect_of

Row = tuple[Any, ...]

COPY_FROM: Final = 50
"""From this number of rows on, COPY is faster than one INSERT for each row. (SQLite has no COPY.)"""
_ITEMS: Final = 100
"""The rows of one UPDATE: each looks for its place among the keys of all."""


class PreparedWrite:
    """A statement that writes many rows. Each row has the values of its parameters `names`, in this order.

    The statement is given, or a function that makes it for a dialect.
    """

    def __init__(self, statement: UpdateBase | Callable[[Dialect], UpdateBase], names: Sequence[str]) -> None:
        self._statement = statement
        self._names = list(names)
        self._texts: dict[str, tuple[str, Callable[[Row], Row] | None]] = {}

    def many(self, connection: Connection, rows: Sequence[Row]) -> int:
        """Runs the statement once for each row. Returns how many rows of the table it has written in all.

        Raises the errors of the driver.
        """
        sql, arrange = self._texts.get(connection.dialect.name) or self._compile(connection)
        cursor = connection.connection.cursor()
        try:
            cursor.executemany(sql, rows if arrange is None else [arrange(row) for row in rows])
            return int(cursor.rowcount)
        finally:
            cursor.close()

    def _compile(self, connection: Connection) -> tuple[str, Callable[[Row], Row] | None]:
        dialect = dialect_of(connection)
        statement = self._statement if isinstance(self._statement, UpdateBase) else self._statement(dialect)
        kind: type[DefaultDialect] = type(connection.dialect)  # type: ignore[assignment]  # each database's is one
        # Parameters by position: with names the driver would need a dictionary for each row.
        compiled = statement.compile(dialect=kind(paramstyle=dialect.paramstyle))
        order = [self._names.index(parameter) for parameter in compiled.positiontup or ()]
        arrange = None if order == [*range(len(self._names))] else itemgetter(*order)
        self._texts[connection.dialect.name] = str(compiled), arrange
        return self._texts[connection.dialect.name]


class PreparedInsert:
    """Adds rows with all columns of a table, in the table's order."""

    def __init__(self, table: Table) -> None:
        columns = table.columns
        new = {column.name: bindparam(column.name, type_=column.type) for column in columns}
        self._insert = PreparedWrite(insert(table).values(new), [*new])
        self._copy = f"COPY {table.name} ({', '.join(columns.keys())}) FROM STDIN"

    def many(self, connection: Connection, rows: Sequence[Row]) -> None:
        """Adds the rows. Raises the errors of the driver."""
        if len(rows) < COPY_FROM or not dialect_of(connection).copy(connection, self._copy, rows):
            self._insert.many(connection, rows)


class PreparedOverwrite:
    """Overwrites columns of existing rows. All rows of one call must have the same value in the table's first column,
    and each another in the column `key`.
    """

    def __init__(self, table: Table, key: str, columns: Sequence[str]) -> None:
        new = [f"new_{name}" for name in columns]
        self._names = ["of_first", "of_keys", *new]
        first = next(iter(table.columns))
        self._one = PreparedWrite(
            update(table)
            .where(first == bindparam("of_first"), table.c[key] == bindparam("of_key"))
            .values({name: bindparam(f"new_{name}", type_=table.c[name].type) for name in columns}),
            ["of_first", "of_key", *new],
        )
        self._all = _ManyRows(lambda dialect: dialect.overwrite_arrays(table, key, columns))

    def many(self, connection: Connection, rows: Sequence[Row]) -> None:
        """Overwrites the rows: each has the value of the first column, that of `key`, and those of the columns. Raises
        the errors of the driver.
        """
        if len(rows) == 1 or not self._all.can(connection):
            self._one.many(connection, rows)
            return
        for first in range(0, len(rows), _ITEMS):
            self._all.run(connection, self._names, rows[first : first + _ITEMS])


class PreparedAdd:
    """Adds numbers to columns of existing rows, and inserts rows that do not exist yet (INSERT … ON CONFLICT).

    `columns` are the columns to which is added. All rows of one call must have the same value in the table's first
    column. Example: if the table has the row (7, "a", 10), adding (7, "a", 2) makes it (7, "a", 12).
    """

    def __init__(self, table: Table, *columns: str) -> None:
        self._table, self._columns = table, columns
        self._names = table.columns.keys()
        self._one = PreparedWrite(self._statement, self._names)
        self._all = _ManyRows(lambda dialect: dialect.insert_or_add_arrays(table, *columns))

    def many(self, connection: Connection, rows: Sequence[Row]) -> None:
        """Adds at least one row. Raises the errors of the driver.

        The rows are written in the order of their keys, so that two transactions never wait for each other (deadlock).
        """
        rows = sorted(rows)
        if self._all.can(connection):
            self._all.run(connection, self._names, rows)
        else:
            self._one.many(connection, rows)

    def _statement(self, dialect: Dialect) -> UpdateBase:
        insert = dialect.insert_or_add(self._table, *self._columns)
        return insert.values({name: bindparam(name) for name in self._names})


class _ManyRows:
    """One statement for many rows, whose parameters are arrays but for the first. `make` makes it for a dialect, or
    returns None if the database has no arrays.
    """

    def __init__(self, make: Callable[[Dialect], UpdateBase | None]) -> None:
        self._make = make
        self._texts: dict[str, str] = {}

    def can(self, connection: Connection) -> bool:
        """Returns whether the database has such a statement."""
        return bool(self._sql(connection))

    def run(self, connection: Connection, names: Sequence[str], rows: Sequence[Row]) -> None:
        """Runs it. `names` are those of its parameters, in the order of a row; all rows have the same first value."""
        first, *others = zip(*rows, strict=True)
        values: dict[str, Any] = dict(zip(names, [first[0], *map(_array, others)], strict=True))
        cursor: Any = connection.connection.cursor()
        try:
            cursor.execute(self._sql(connection), values)
        finally:
            cursor.close()

    def _sql(self, connection: Connection) -> str:
        sql = self._texts.get(connection.dialect.name)
        if sql is None:
            statement = self._make(dialect_of(connection))
            sql = "" if statement is None else str(statement.compile(dialect=connection.dialect))
            self._texts[connection.dialect.name] = sql
        return sql


def _array(values: Sequence[Any]) -> str | list[Any]:
    """Returns the values as an array parameter. Numbers are written out, which is quicker than what the driver does."""
    if {*map(type, values)} == {int}:
        return f"{{{','.join(map(str, values))}}}"
    return list(values)
