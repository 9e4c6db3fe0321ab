"""Failed sign-ins of operators in the store, so that the delay after them is the same for all worker processes."""

from typing import Final, NamedTuple

from sqlalchemy import Connection, and_, delete, or_, select

from jobreport.store.db import dialect_of
from jobreport.store.schema.operators import operator_failure as table

ANY: Final = ""
"""Stands for all names at an address, or for all addresses of a name."""


class Failures(NamedTuple):
    """How many sign-ins in a row failed, and when the last one was (ticks)."""

    number: int
    last: int


Key = tuple[str, str]
"""A name and an address; either may be `ANY`."""


def find(connection: Connection, keys: tuple[Key, ...]) -> dict[Key, Failures]:
    """Returns the failures under each key that has some."""
    wanted = or_(*(and_(table.c.name == name, table.c.address == address) for name, address in keys))
    rows = connection.execute(select(table).where(wanted))
    return {(row.name, row.address): Failures(row.failures, row.last) for row in rows}


def put(connection: Connection, key: Key, failures: Failures) -> None:
    """Replaces the failures under the key."""
    forget(connection, key)
    name, address = key
    values = {"name": name, "address": address, "failures": failures.number, "last": failures.last}
    connection.execute(dialect_of(connection).insert_or_ignore(table), values)


def forget(connection: Connection, key: Key) -> None:
    """Forgets the failures under the key."""
    connection.execute(delete(table).where(table.c.name == key[0], table.c.address == key[1]))


def any_before(connection: Connection, time: int) -> bool:
    """Returns whether there are failures whose last was before a time (ticks)."""
    return connection.execute(select(table.c.last).where(table.c.last < time).limit(1)).first() is not None


def forget_before(connection: Connection, time: int) -> None:
    """Forgets all failures whose last was before a time (ticks)."""
    connection.execute(delete(table).where(table.c.last < time))
