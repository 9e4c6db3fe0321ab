"""What a transaction knows of the inboxes that got something: whether the address is still theirs, and their states.

A state is written once, at the end of the transaction, however much came.
"""

from collections.abc import Collection, Iterable
from itertools import chain
from typing import Final

import msgspec
from sqlalchemy import Connection, bindparam, select

from jobreport.store.db import dialect_of, locks
from jobreport.store.db.bulk_write import PreparedOverwrite
from jobreport.store.db.expressions import any_of
from jobreport.store.db.prepared import Prepared
from jobreport.store.jobs.record import WHOLE
from jobreport.store.registry.inboxes import InboxState
from jobreport.store.schema.inboxes import inbox as inboxes
from jobreport.store.schema.inboxes import inbox_state as table
from jobreport.store.schema.inboxes import ping_key
from jobreport.store.schema.jobs import job
from jobreport.store.schema.rows import stored, whole_jobs


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
_NEWEST: Final = Prepared(
    whole_jobs()
    .join(table, (table.c.tenant == job.c.tenant) & (table.c.run == job.c.job_id))
    .where(table.c.tenant == bindparam("tenant"), any_of(table.c.inbox))
)
_OVERWRITE: Final = PreparedOverwrite(table, "inbox", _FIELDS)


class InboxStates:
    """The states of those of `wanted` that there are, as they are in this transaction, by the ID of the inbox.

    It takes the tenant's lock before it reads them. `by_key`: something came by the ping key. `runs`: beside them, the
    jobs of their newest runs are read, and those with these IDs, into `jobs`; None: no jobs are.
    """

    def __init__(
        self,
        connection: Connection,
        tenant: int,
        wanted: Iterable[str],
        *,
        by_key: bool,
        runs: Collection[str] | None = None,
    ) -> None:
        self._connection, self._tenant = connection, tenant
        self._addresses: dict[str, bytes] = {}
        self.of: dict[str, InboxState] = {}
        ids = dialect_of(connection).array([*dict.fromkeys(wanted)])
        with dialect_of(connection).pipeline(connection):
            locks.lock(connection, tenant)
            states = _STATES.begin(connection, {"tenant": tenant, "ids": ids})
            keys = _KEYS.begin(connection, {"tenant": tenant}) if by_key else list
            newest = _NEWEST.begin(connection, {"tenant": tenant, "ids": ids}) if runs is not None else list
            named = dialect_of(connection).array(sorted(runs or ()))
            others = WHOLE.begin(connection, {"tenant": tenant, "ids": named}) if runs else list
        self.jobs = {one.job.job_id: one for one in map(stored, chain(newest(), others()))}
        for inbox, address, *state in states():
            self._addresses[inbox] = address
            self.of[inbox] = InboxState(**dict(zip(_FIELDS, state, strict=True)))
        self._keys = {digest for (digest,) in keys()}

    def takes(self, inbox: str, through: Through | None) -> bool:
        """Returns whether the inbox is there still, and what came by this address is for it."""
        if inbox not in self.of or through is None:
            return inbox in self.of
        return through.digest in self._keys if through.by_key else through.digest == self._addresses[inbox]

    def flush(self) -> None:
        """Writes the states."""
        rows = [(self._tenant, inbox, *msgspec.structs.astuple(state)) for inbox, state in sorted(self.of.items())]
        if rows:
            _OVERWRITE.many(self._connection, rows)
