"""Messages that could not be delivered yet, in the store: they are tried again, or let go of."""

from sqlalchemy import ColumnElement, Connection, and_, delete, or_, update

from jobreport.store.schema.deliveries import delivery as table
from jobreport.store.watch.deliveries import FAILED, FAR, WAITING


def try_again(connection: Connection, channel: str | None, now: int) -> int:
    """Has all that was given up, or was tried in vain so far, tried again now, of one channel or of all. Returns how
    many these are.
    """
    in_vain = and_(table.c.state == WAITING, table.c.error != "", or_(table.c.held <= now, table.c.held > now + FAR))
    mine = () if channel is None else (table.c.channel == channel,)
    anew = update(table).where(or_(table.c.state == FAILED, in_vain), *mine)
    return connection.execute(anew.values(state=WAITING, due=now, tries=0, tried=0)).rowcount


def drop_failed(connection: Connection, channel: str | None) -> int:
    """Deletes all that was given up, of one channel or of all. Returns how many these were."""
    return connection.execute(delete(table).where(*_failed(channel))).rowcount


def begin_anew(connection: Connection, tenant: int, now: int) -> None:
    """Has all that waits of a tenant tried now, and for a day from then: while it was suspended nothing was."""
    mine = table.c.tenant == tenant, table.c.state == WAITING
    connection.execute(update(table).where(*mine).values(due=now, tries=0, tried=0))


def end_undelivered(connection: Connection, tenant: int) -> int:
    """Deletes all messages of a tenant that wait, or were given up. Returns how many these were."""
    mine = table.c.tenant == tenant, table.c.state.in_((WAITING, FAILED))
    return connection.execute(delete(table).where(*mine)).rowcount


def end_all(connection: Connection, tenant: int) -> None:
    """Deletes all messages of a tenant."""
    connection.execute(delete(table).where(table.c.tenant == tenant))


def _failed(channel: str | None) -> tuple[ColumnElement[bool], ...]:
    return (table.c.state == FAILED, *((table.c.channel == channel,) if channel is not None else ()))
