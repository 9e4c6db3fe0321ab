"""Digests in the store: until when each was made, so that each is made once, however many servers there are."""

from sqlalchemy import Connection, delete, select, update

from jobreport.store.db import dialect_of
from jobreport.store.schema.digests import digest as table


def made(connection: Connection, name: str) -> dict[int, int]:
    """Returns when the last digest of this name was due (ticks), by the number of the tenant whose it is."""
    rows = connection.execute(select(table.c.tenant, table.c.made).where(table.c.digest == name))
    return {row.tenant: row.made for row in rows}


def begin(connection: Connection, tenant: int, name: str, now: int) -> None:
    """Notes that a digest of a tenant is due from now on, if that is new."""
    connection.execute(dialect_of(connection).insert_or_ignore(table).values(tenant=tenant, digest=name, made=now))


def note(connection: Connection, tenant: int, name: str, before: int, due: int) -> bool:
    """Notes that the digest that was due then is made. Returns False if another process has made it since `before`."""
    mine = table.c.tenant == tenant, table.c.digest == name, table.c.made == before
    return connection.execute(update(table).where(*mine).values(made=due)).rowcount == 1


def end_all(connection: Connection, tenant: int) -> None:
    """Deletes what is known of the digests of a tenant."""
    connection.execute(delete(table).where(table.c.tenant == tenant))
