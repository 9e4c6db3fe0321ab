"""What a transaction knows of inboxes to which something came: whether an address is still theirs, and their states.

A state is written once, at the end of the transaction, however much came.
"""

from collections.abc import Iterable
from typing import Final

import msgspec
from sqlalchemy import Connection, bindparam, select, update

from jobreport.store.db import dialect_of
from jobreport.store.db.bulk_write import PreparedWrite
from jobreport.store.db.expressions import any_of
from jobreport.store.db.prepared import Prepared
from jobreport.store.registry.inboxes import InboxState
from jobreport.store.schema.inboxes import inbox as inboxes
from jobreport.store.schema.inboxes import inbox_state as table
from jobreport.store.schema.inboxes import ping_key


class Through(msgspec.Struct, frozen=True):
    """The address by which something came, by its hash; or that of the ping key above the inbox (`by_key`)."""

    digest: bytes
    by_key: bool = False


_FIELDS: Final = InboxState.__struct_fields__
_STATES: Final = Prepared(
    select(table.c.inbox, inboxes.c.address, *(table.c[name] for name in _FIELDS))
    .join_from(table, inboxes, (inboxes.c.tenant == table.c.tenant) & (inboxes.c.inbox == table.c.inbox))
    .where(table.c.tenant == bindparam("tenant"), any_of(table.c.inbox))
)
_KEYS: Final = Prepared(select(ping_key.c.digest).where(ping_key.c.tenant == bindparam("tenant")))
_OVERWRITE: Final = PreparedWrite(
    update(table)
    .where(table.c.tenant == bindparam("of_tenant"), table.c.inbox == bindparam("of_inbox"))
    .values({name: bindparam(f"new_{name}", type_=table.c[name].type) for name in _FIELDS}),
    ["of_tenant", "of_inbox", *(f"new_{name}" for name in _FIELDS)],
)


class InboxStates:
    """The states of those of `wanted` that there are, as they are in this transaction, by the ID of the inbox.

    `by_key`: something came by the ping key. The caller must hold the tenant's lock.
    """

    def __init__(self, connection: Connection, tenant: int, wanted: Iterable[str], *, by_key: bool) -> None:
        self._connection, self._tenant = connection, tenant
        self._addresses: dict[str, bytes] = {}
        self.of: dict[str, InboxState] = {}
        ids = dialect_of(connection).array([*dict.fromkeys(wanted)])
        for inbox, address, *state in _STATES.rows(connection, {"tenant": tenant, "ids": ids}):
            self._addresses[inbox] = address
            self.of[inbox] = InboxState(**dict(zip(_FIELDS, state, strict=True)))
        self._keys = {digest for (digest,) in _KEYS.rows(connection, {"tenant": tenant})} if by_key else set()

    def takes(self, inbox: str, through: Through | None) -> bool:
        """Returns whether the inbox is there still, and what came by this address is for it."""
        if inbox not in self.of or through is None:
            return inbox in self.of
        return through.digest in self._keys if through.by_key else through.digest == self._addresses[inbox]

    def flush(self) -> None:
        """Writes the states."""
        rows = [(self._tenant, inbox, *msgspec.structs.astuple(state)) for inbox, state in sorted(self.of.items())]
        _OVERWRITE.many(self._connection, rows)
