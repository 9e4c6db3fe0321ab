"""Records pings: each finds its run, and changes it as the inbox decides, in one transaction with those beside it.

What a ping does depends on the run that is open, so it is decided here, under the lock of the tenant.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, bindparam, select, update

from jobreport.model.ping import Settled
from jobreport.model.verdict import StoredJob
from jobreport.store.db import dialect_of, locks
from jobreport.store.db.bulk_write import PreparedWrite
from jobreport.store.db.errors import StoreError
from jobreport.store.db.expressions import any_of
from jobreport.store.db.prepared import Prepared
from jobreport.store.jobs.pending import PendingWrites
from jobreport.store.jobs.record import whole
from jobreport.store.schema.inboxes import inbox as inboxes
from jobreport.store.schema.inboxes import inbox_state as table
from jobreport.store.schema.inboxes import ping_key


class Ping(msgspec.Struct, frozen=True, kw_only=True):
    """A ping of an inbox, named by its ID, to the address with the hash `address`, or below the ping key with that hash
    (`by_key`).

    `run` is the job of the run that it is about; empty if the run has no ID of its own: then it is about the newest
    one. `settle` is given that job, or None if there is none, and the time of receipt (ticks); it decides what the ping
    does. It must be quick, since other writers wait for it.
    """

    inbox: str
    address: bytes
    by_key: bool
    run: str
    settle: Callable[[StoredJob | None, int], Settled]


_NEW: Final = ("run", "pings", "last", "started", "unstarted", "log")
_STATES: Final = Prepared(
    select(table.c.inbox, inboxes.c.address, *(table.c[name] for name in _NEW))
    .join_from(table, inboxes, (inboxes.c.tenant == table.c.tenant) & (inboxes.c.inbox == table.c.inbox))
    .where(table.c.tenant == bindparam("tenant"), any_of(table.c.inbox))
)
_KEYS: Final = Prepared(select(ping_key.c.digest).where(ping_key.c.tenant == bindparam("tenant")))
_OVERWRITE: Final = PreparedWrite(
    update(table)
    .where(table.c.tenant == bindparam("of_tenant"), table.c.inbox == bindparam("of_inbox"))
    .values({name: bindparam(f"new_{name}", type_=table.c[name].type) for name in _NEW}),
    ["of_tenant", "of_inbox", *(f"new_{name}" for name in _NEW)],
)


def record(connection: Connection, tenant: int, pings: Sequence[Ping], now: int) -> list[bool | StoreError]:
    """Stores what `pings` do to the tenant's jobs, in their order. `now` (ticks) is the time of receipt.

    Returns for each ping whether its address was still that of its inbox.
    """
    locks.lock(connection, tenant)
    named = dialect_of(connection).array([*{ping.inbox for ping in pings}])
    states: dict[str, list[Any]] = {}
    addresses: dict[str, bytes] = {}
    for inbox, address, *state in _STATES.rows(connection, {"tenant": tenant, "ids": named}):
        states[inbox], addresses[inbox] = state, address
    by_key = any(ping.by_key for ping in pings)
    keys = [digest for (digest,) in _KEYS.rows(connection, {"tenant": tenant})] if by_key else []
    runs = {ping.run for ping in pings} | {state[0] for state in states.values()}
    pending = PendingWrites(connection, tenant, whole(connection, tenant, sorted(runs - {""})), now)
    results: list[bool | StoreError] = []
    for ping in pings:
        if ping.inbox not in states or ping.address not in (keys if ping.by_key else [addresses[ping.inbox]]):
            results.append(False)
            continue
        state = states[ping.inbox]
        settled = ping.settle(pending.known.get(ping.run or state[0]), now)
        pending.add({entry.job.job_id: entry for entry in settled.jobs})
        run, count, _, started, unstarted, log = state
        states[ping.inbox] = [
            settled.run or run,
            count + 1,
            now,
            now if settled.started else started,
            now if settled.unstarted else unstarted,
            settled.log or log,
        ]
        results.append(True)
    pending.flush()
    _OVERWRITE.many(connection, [(tenant, inbox, *state) for inbox, state in sorted(states.items())])
    return results
