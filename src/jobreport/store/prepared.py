"""A statement in, its text for each database out, made once; and rows, by the driver itself.

SQLAlchemy writes the SQL. Running it through SQLAlchemy again and again costs more than a short read itself.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection
from sqlalchemy.sql.selectable import SelectBase

Parameters = Mapping[str, Any]
Rows = Sequence[Sequence[Any]]


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
        sql, names, constants = self._texts.get(connection.dialect.name) or self._compile(connection)
        if constants:
            parameters = {**parameters, **constants}
        cursor = connection.connection.cursor()
        try:
            cursor.execute(before + sql, parameters if names is None else tuple([parameters[name] for name in names]))
            return list(cursor.fetchall())
        finally:
            cursor.close()

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
