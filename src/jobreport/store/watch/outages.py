"""Times in which no server ran, in the store, so that no run is called missed only because nobody listened."""

from typing import Final

from sqlalchemy import Connection, delete, select

from jobreport.model import ticks
from jobreport.model.due_times import Outage
from jobreport.store.db import dialect_of
from jobreport.store.db.prepared import Prepared
from jobreport.store.schema.watch import outage as table

KEPT: Final = 62 * ticks.PER_DAY
"""How long one is kept (ticks)."""
_EVERY: Final = Prepared(select(table.c.begins, table.c.ends).order_by(table.c.begins))


def add(connection: Connection, one: Outage) -> None:
    """Stores one, and deletes those that nobody asks for any more."""
    connection.execute(delete(table).where(table.c.ends < one.ends - KEPT))
    connection.execute(dialect_of(connection).insert_or_ignore(table).values(begins=one.begins, ends=one.ends))


def forget_ahead(connection: Connection, now: int) -> None:
    """Deletes those that end after `now` (ticks): a wrong clock has noted them."""
    connection.execute(delete(table).where(table.c.ends > now))


def every(connection: Connection) -> tuple[Outage, ...]:
    """Returns all that are kept, the oldest first."""
    return tuple(Outage(*row) for row in _EVERY.rows(connection, {}))
