"""Deliveries that could not be read, in the store: each is there once, however often it comes, until it is let go."""

import secrets
from collections.abc import Mapping
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, Connection, delete, func, insert, select, update

from jobreport.model.unread import Unread, Unreadable, UnreadCount
from jobreport.store.db.errors import StoreError
from jobreport.store.schema.inboxes import inbox_unread as table

MAX_KEPT: Final = 1_000
"""So many deliveries of an inbox are kept unread at most."""
MAX_BYTES: Final = 64 * 1024 * 1024
"""So many bytes of an inbox are kept unread at most."""
MAX_KEPT_OF_TENANT: Final = 10_000
MAX_BYTES_OF_TENANT: Final = 512 * 1024 * 1024
"""And of all inboxes of a tenant together, for whoever has its ping key can make many."""
_ID_BYTES: Final = 8
_FIELDS: Final = Unread.__struct_fields__


class UnreadFullError(StoreError):
    """Raised if an inbox, or its tenant (`all_inboxes`), has as many unread deliveries as may be kept: this one is not
    kept, and must come again.
    """

    def __init__(self, all_inboxes: bool = False) -> None:
        whose = "all inboxes" if all_inboxes else "this inbox"
        super().__init__(f"as much of {whose} is unread as may be kept: it must be read, or deleted, first")


def add(connection: Connection, tenant: int, inbox: str, new: Unreadable, at: int) -> str:
    """Keeps a delivery that came at `at` (ticks), and returns its ID. If it is kept already, it came once more.

    The caller must hold the tenant's lock. Raises UnreadFullError.
    """
    same = (*_of(tenant, inbox), table.c.digest == new.digest)
    row = connection.execute(
        update(table).where(*same).values(times=table.c.times + 1, last=at, why=new.why).returning(table.c.unread)
    ).first()
    if row:
        return str(row.unread)
    size = len(new.content) + len(new.about.encode())
    for whose, most, most_bytes in ((inbox, MAX_KEPT, MAX_BYTES), (None, MAX_KEPT_OF_TENANT, MAX_BYTES_OF_TENANT)):
        room = select(func.count(), func.coalesce(func.sum(table.c.size), 0)).where(*_of(tenant, whose))
        number, kept = connection.execute(room).one()
        if number >= most or kept + size > most_bytes:
            raise UnreadFullError(whose is None)
    unread = secrets.token_hex(_ID_BYTES)
    connection.execute(
        insert(table).values(
            msgspec.structs.asdict(new)
            | {"tenant": tenant, "unread": unread, "inbox": inbox, "size": size}
            | {"times": 1, "received": at, "last": at}
        )
    )
    return unread


def counts(connection: Connection, tenant: int) -> Mapping[str, UnreadCount]:
    """Returns how much is unread of each inbox of the tenant that has something unread, by its ID."""
    rows = connection.execute(
        select(table.c.inbox, func.count(), func.sum(table.c.size), func.max(table.c.last))
        .where(table.c.tenant == tenant)
        .group_by(table.c.inbox)
    )
    return {inbox: UnreadCount(int(number), int(size), int(last)) for inbox, number, size, last in rows}


def ids(connection: Connection, tenant: int, inbox: str | None = None) -> tuple[str, ...]:
    """Returns the IDs of what is unread of an inbox, or of all of the tenant, first come first."""
    chosen = select(table.c.unread).where(*_of(tenant, inbox)).order_by(table.c.received, table.c.unread)
    return tuple(row.unread for row in connection.execute(chosen))


def newest(connection: Connection, tenant: int, inbox: str | None = None) -> tuple[Unread, ...]:
    """Returns all that is unread of an inbox, or of the tenant, newest first, without its content."""
    columns = (table.c[name] for name in _FIELDS if name != "content")
    chosen = select(*columns).where(*_of(tenant, inbox)).order_by(table.c.last.desc(), table.c.unread)
    return tuple(Unread(**row._mapping, content=b"") for row in connection.execute(chosen))


def get(connection: Connection, tenant: int, unread: str) -> Unread | None:
    """Returns what is kept under an ID; None if there is nothing."""
    chosen = select(*(table.c[name] for name in _FIELDS)).where(table.c.tenant == tenant, table.c.unread == unread)
    row = connection.execute(chosen).first()
    return Unread(**row._mapping) if row else None


def explain(connection: Connection, tenant: int, unread: str, why: str) -> None:
    """Says anew why what is kept under an ID cannot be read."""
    chosen = update(table).where(table.c.tenant == tenant, table.c.unread == unread)
    connection.execute(chosen.values(why=why))


def end(connection: Connection, tenant: int, unread: str) -> bool:
    """Lets what is kept under an ID go. Returns whether it was there."""
    gone = delete(table).where(table.c.tenant == tenant, table.c.unread == unread)
    return connection.execute(gone.returning(table.c.unread)).first() is not None


def end_all(connection: Connection, tenant: int, inbox: str | None = None) -> None:
    """Lets everything of an inbox go, or of the tenant."""
    connection.execute(delete(table).where(*_of(tenant, inbox)))


def _of(tenant: int, inbox: str | None) -> tuple[ColumnElement[Any], ...]:
    return (table.c.tenant == tenant, *((table.c.inbox == inbox,) if inbox is not None else ()))
