"""Statements that are run often: their SQL is written once for each database, and the driver runs it.

SQLAlchemy writes the SQL. To run a short read through SQLAlchemy every time costs more than the read itself.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from sqlalchemy import Connection
from sqlalchemy.sql.selectable import SelectBase

from jobreport.store.db import dialect_of

Parameters = Mapping[str, Any]
Rows = Sequence[Sequence[Any]]


class Cursor(Protocol):
    """What is used of a driver's cursor."""

    def execute(self, sql: str, parameters: Any, /) -> object:
        """Begins a read."""

    def fetchmany(self, size: int, /) -> list[tuple[Any, ...]]:
        """The next rows, none at the end."""

    def close(self) -> None:
        """Ends it."""


class _Text(NamedTuple):
    """SQL; the names of its parameters in order, None where the driver takes them by name; and its constants."""

    sql: str
    names: tuple[str, ...] | None
    constants: dict[str, Any]


class Prepared:
    """A SELECT. Its parameters are named as its `bindparam`s are."""

    def __init__(self, statement: SelectBase) -> None:
        self._statement = statement
        self._texts: dict[str, _Text] = {}

    def rows(self, connection: Connection, parameters: Parameters) -> list[tuple[Any, ...]]:
        """All rows, as plain tuples. Raises what the driver raises."""
        return self.begin(connection, parameters)()

    def begin(
        self, connection: Connection, parameters: Parameters, *, prefix: str = ""
    ) -> Callable[[], list[tuple[Any, ...]]]:
        """Sends the statement; the function that it returns gives all rows, once.

        In a pipeline of PostgreSQL (`server_reads.read`) nothing waits for the rows before that function is called, and
        it may be called after the pipeline has ended. `prefix` is put before the SQL.
        """
        sql, names, constants = self._texts.get(connection.dialect.name) or self._compile(connection)
        if constants:
            parameters = {**parameters, **constants}
        cursor = connection.connection.cursor()
        try:
            cursor.execute(prefix + sql, parameters if names is None else tuple([parameters[name] for name in names]))
        except BaseException:
            cursor.close()
            raise

        def rows() -> list[tuple[Any, ...]]:
            try:
                return list(cursor.fetchall())
            finally:
                cursor.close()

        return rows

    def stream(self, connection: Connection, parameters: Parameters) -> Cursor:
        """A cursor, to be closed, whose rows are fetched as they are needed."""
        sql, names, constants = self._texts.get(connection.dialect.name) or self._compile(connection)
        cursor: Cursor = dialect_of(connection).stream_cursor(connection)
        try:
            given = {**parameters, **constants}
            cursor.execute(sql, given if names is None else tuple([given[name] for name in names]))
        except BaseException:
            cursor.close()
            raise
        return cursor

    def value(self, connection: Connection, parameters: Parameters) -> Any:
        """The first value of the first row, which there must be."""
        return self.rows(connection, parameters)[0][0]

    def estimated_rows(self, connection: Connection, parameters: Parameters) -> float:
        """How many rows PostgreSQL's planner expects. Only where the database has a trigram index of its own."""
        (((plan,),),) = self.begin(connection, parameters, prefix="EXPLAIN (FORMAT JSON) ")()
        return float(plan["Plan"]["Plan Rows"])

    def sql(self, connection: Connection) -> str:
        """The SQL for the connection's database."""
        return (self._texts.get(connection.dialect.name) or self._compile(connection)).sql

    def _compile(self, connection: Connection) -> _Text:
        compiled = self._statement.compile(dialect=connection.dialect)
        names = tuple(compiled.positiontup or ()) if getattr(compiled, "positional", False) else None
        constants = {name: value for name, value in compiled.params.items() if value is not None}
        text = self._texts[connection.dialect.name] = _Text(str(compiled), names, constants)
        return text
