"""Screens on walls in the store, each under the SHA-256 hash of its token. The token itself is in no table."""

import msgspec
from sqlalchemy import Connection, delete, insert, select

from jobreport.store.schema.operators import wall as table


class Wall(msgspec.Struct, frozen=True, kw_only=True):
    """A screen that shows the overview of one tenant. `name` says where it hangs; `created` is in ticks."""

    token: bytes
    tenant: int
    name: str
    created: int


def add(connection: Connection, new: Wall) -> None:
    """Stores a new screen."""
    connection.execute(insert(table).values(msgspec.structs.asdict(new)))


def find(connection: Connection, token: bytes) -> Wall | None:
    """Returns the screen whose token has this hash; None if there is none."""
    row = connection.execute(select(table).where(table.c.token == token)).first()
    return Wall(**row._mapping) if row else None


def list_walls(connection: Connection, tenant: int | None = None) -> tuple[Wall, ...]:
    """Returns the screens of a tenant, or of all, the oldest first."""
    chosen = select(table).order_by(table.c.created, table.c.token)
    if tenant is not None:
        chosen = chosen.where(table.c.tenant == tenant)
    return tuple(Wall(**row._mapping) for row in connection.execute(chosen))


def end(connection: Connection, token: bytes) -> bool:
    """Deletes the screen whose token has this hash. Returns whether there was one."""
    return connection.execute(delete(table).where(table.c.token == token).returning(table.c.token)).first() is not None


def end_all(connection: Connection, tenant: int) -> int:
    """Deletes the screens of a tenant. Returns how many."""
    return len(connection.execute(delete(table).where(table.c.tenant == tenant).returning(table.c.token)).all())
