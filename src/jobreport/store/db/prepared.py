"""Statements that are run often. SQLAlchemy makes their SQL once for each database; then the driver runs it directly.

To run a short read through SQLAlchemy every time would cost more than the read itself.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from sqlalchemy import Connection
from sqlalchemy.sql.selectable import SelectBase

from jobreport.store.db import dialect_of

Parameters = Mapping[str, Any]
Rows = Sequence[Sequence[Any]]


class Cursor(Protocol):
    """The methods of a driver's cursor that are used here."""

    def execute(self, sql: str, parameters: Any, /) -> object:
        """Starts a read."""

    def fetchmany(self, size: int, /) -> list[tuple[Any, ...]]:
        """Returns the next rows, at most `size`; none at the end."""

    def close(self) -> None:
        """Closes the cursor."""


class _Text(NamedTuple):
    """The SQL of a statement for one database.

    `names` are its parameters in order; None if the driver takes them by name. `constants` are parameters whose values
    the statement itself contains.
    """

    sql: str
    names: tuple[str, ...] | None
    constants: dict[str, Any]

    def given(self, parameters: Parameters) -> Any:
        """Returns the parameters as the driver takes them."""
        if self.constants:
            parameters = {**parameters, **self.constants}
        return parameters if self.names is None else tuple([parameters[name] for name in self.names])


class Prepared:
    """A SELECT statement. Its parameters have the names of its `bindparam`s."""

    def __init__(self, statement: SelectBase) -> None:
        self._statement = statement
        self._texts: dict[str, _Text] = {}

    def rows(self, connection: Connection, parameters: Parameters) -> list[tuple[Any, ...]]:
        """Runs the statement and returns all rows, as plain tuples. Raises the errors of the driver."""
        text = self._texts.get(connection.dialect.name) or self._compile(connection)
        cursor = connection.connection.cursor()
        try:
            cursor.execute(text.sql, text.given(parameters))
            found: list[tuple[Any, ...]] = cursor.fetchall()  # type: ignore[assignment]  # each driver gives a list
            return found
        finally:
            cursor.close()

    def begin(
        self, connection: Connection, parameters: Parameters, *, prefix: str = ""
    ) -> Callable[[], list[tuple[Any, ...]]]:
        """Sends the statement. Returns a function that returns all rows; it can be called once.

        In a pipeline of PostgreSQL (`server_reads.read`) nothing waits for the rows before that function is called, and
        it may be called after the pipeline has ended. `prefix` is put before the SQL.
        """
        text = self._texts.get(connection.dialect.name) or self._compile(connection)
        cursor = connection.connection.cursor()
        try:
            cursor.execute(prefix + text.sql, text.given(parameters))
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
        """Returns a cursor whose rows are fetched as they are needed. The caller must close it."""
        text = self._texts.get(connection.dialect.name) or self._compile(connection)
        cursor: Cursor = dialect_of(connection).stream_cursor(connection)
        try:
            cursor.execute(text.sql, text.given(parameters))
        except BaseException:
            cursor.close()
            raise
        return cursor

    def value(self, connection: Connection, parameters: Parameters) -> Any:
        """Returns the first value of the first row. There must be a row."""
        return self.rows(connection, parameters)[0][0]

    def estimated_rows(self, connection: Connection, parameters: Parameters) -> float:
        """Returns the number of rows that PostgreSQL's planner expects. Only for PostgreSQL."""
        (((plan,),),) = self.begin(connection, parameters, prefix="EXPLAIN (FORMAT JSON) ")()
        return float(plan["Plan"]["Plan Rows"])

    def sql(self, connection: Connection) -> str:
        """Returns the SQL for the connection's database."""
        return (self._texts.get(connection.dialect.name) or self._compile(connection)).sql

    def _compile(self, connection: Connection) -> _Text:
        compiled = self._statement.compile(dialect=connection.dialect)
        names = tuple(compiled.positiontup or ()) if getattr(compiled, "positional", False) else None
        constants = {name: value for name, value in compiled.params.items() if value is not None}
        text = self._texts[connection.dialect.name] = _Text(str(compiled), names, constants)
        return text
