"""A statement in, its text for each database out, made once; and many rows through it, by the driver itself.

As `store.db.prepared`, for writes: SQLAlchemy writes the SQL, but would look at each value of each row.
"""

from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Any, Final, Literal

from sqlalchemy import Connection, Table, bindparam, insert
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.sql.dml import UpdateBase

Row = tuple[Any, ...]

_COPIED: Final = 50
"""From so many rows on, PostgreSQL takes them faster as a copy than one by one."""
_COUNTED: Final[dict[str, Literal["qmark", "format"]]] = {"sqlite": "qmark", "postgresql": "format"}
"""Both drivers count parameters if they are asked to; names would need a dictionary a row."""


class PreparedWrite:
    """A write of many rows. Each row has the values of the statement's parameters `names`, in this order.

    Where databases differ, `statements` has one for each, by the name of its dialect.
    """

    def __init__(self, statements: UpdateBase | Mapping[str, UpdateBase], names: Sequence[str]) -> None:
        self._statements = statements
        self._names = list(names)
        self._texts: dict[str, tuple[str, Callable[[Row], Row] | None]] = {}

    def many(self, connection: Connection, rows: Sequence[Row]) -> None:
        """Runs it once for each row. Raises what the driver raises."""
        sql, arranged = self._texts.get(connection.dialect.name) or self._compile(connection)
        cursor = connection.connection.cursor()
        try:
            cursor.executemany(sql, rows if arranged is None else [arranged(row) for row in rows])
        finally:
            cursor.close()

    def _compile(self, connection: Connection) -> tuple[str, Callable[[Row], Row] | None]:
        name = connection.dialect.name
        statement = self._statements[name] if isinstance(self._statements, Mapping) else self._statements
        kind: type[DefaultDialect] = type(connection.dialect)  # type: ignore[assignment]  # each database's is one
        compiled = statement.compile(dialect=kind(paramstyle=_COUNTED[name]))
        order = [self._names.index(parameter) for parameter in compiled.positiontup or ()]
        arranged = None if order == [*range(len(self._names))] else itemgetter(*order)
        self._texts[name] = str(compiled), arranged
        return self._texts[name]


class PreparedInsert:
    """Adds rows with all columns of a table, in its order."""

    def __init__(self, table: Table) -> None:
        columns = table.columns
        new = {column.name: bindparam(column.name, type_=column.type) for column in columns}
        self._insert = PreparedWrite(insert(table).values(new), [*new])
        self._copy = f"COPY {table.name} ({', '.join(columns.keys())}) FROM STDIN"

    def many(self, connection: Connection, rows: Sequence[Row]) -> None:
        """Adds the rows. Raises what the driver raises."""
        if connection.dialect.name != "postgresql" or len(rows) < _COPIED:
            self._insert.many(connection, rows)
            return
        cursor: Any = connection.connection.cursor()
        try:
            with cursor.copy(self._copy) as copy:
                for row in rows:
                    copy.write_row(row)
        finally:
            cursor.close()
