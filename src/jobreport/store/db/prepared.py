"""A statement in, its text for each database out, made once; and rows, by the driver itself.

SQLAlchemy writes the SQL. Running it through SQLAlchemy again and again costs more than a short read itself.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from sqlalchemy import Connection
from sqlalchemy.sql.selectable import SelectBase

Parameters = Mapping[str, Any]
Rows = Sequence[Sequence[Any]]


class Cursor(Protocol):
    """Of a driver."""

    def execute(self, sql: str, parameters: Any, /) -> object:
        """Begins a read."""

    def fetchmany(self, size: int, /) -> list[tuple[Any, ...]]:
        """The next rows, none at the end."""

    def close(self) -> None:
        """Ends it."""


class _Text(NamedTuple):
    """SQL; the names of its parameters in their order where the driver counts them; and what is constant in it."""

    sql: str
    names: tuple[str, ...] | None
    constants: dict[str, Any]


class Prepared:
    """A read that is asked often. Names of parameters are those of its `bindparam`s."""

    def __init__(self, statement: SelectBase) -> None:
        self._statement = statement
        self._texts: dict[str, _Text] = {}

    def rows(self, connection: Connection, parameters: Parameters, *, before: str = "") -> list[tuple[Any, ...]]:
        """All rows, as plain tuples. Raises what the driver raises. `before`: what to write before the statement."""
        return self.begun(connection, parameters, before=before)()

    def begun(
        self, connection: Connection, parameters: Parameters, *, before: str = ""
    ) -> Callable[[], list[tuple[Any, ...]]]:
        """What gives all rows, once; in a pipeline of PostgreSQL's nobody waits for them before, and they may be
        fetched when it is over."""
        sql, names, constants = self._texts.get(connection.dialect.name) or self._compile(connection)
        if constants:
            parameters = {**parameters, **constants}
        cursor = connection.connection.cursor()
        try:
            cursor.execute(before + sql, parameters if names is None else tuple([parameters[name] for name in names]))
        except BaseException:
            cursor.close()
            raise

        def rows() -> list[tuple[Any, ...]]:
            try:
                return list(cursor.fetchall())
            finally:
                cursor.close()

        return rows

    def stream(self, connection: Connection, parameters: Parameters) -> "Cursor":
        """The rows as they are fetched, from a cursor to be closed; of PostgreSQL, from one that the server keeps."""
        sql, names, constants = self._texts.get(connection.dialect.name) or self._compile(connection)
        driver: Any = connection.connection.driver_connection
        cursor: Cursor = driver.cursor() if connection.dialect.name == "sqlite" else driver.cursor("jobreport_stream")
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

    def sql(self, connection: Connection) -> str:
        """The text for the connection's database."""
        return (self._texts.get(connection.dialect.name) or self._compile(connection)).sql

    def _compile(self, connection: Connection) -> _Text:
        compiled = self._statement.compile(dialect=connection.dialect)
        names = tuple(compiled.positiontup or ()) if getattr(compiled, "positional", False) else None
        constants = {name: value for name, value in compiled.params.items() if value is not None}
        text = self._texts[connection.dialect.name] = _Text(str(compiled), names, constants)
        return text
