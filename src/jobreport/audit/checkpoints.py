"""Checkpoints: every hour the service's own chain records how far the chains of the tenants are sealed.

An old seal stays valid for ever, so somebody could put it back and delete the entries after it. A checkpoint in the
service's own chain then names an entry that is not there any more.
"""

from collections.abc import Collection
from typing import Final

import msgspec

from jobreport.audit import seals
from jobreport.audit.seals import Fault, Keys, SealError
from jobreport.model import ticks
from jobreport.model.audit import ITSELF, SERVICE, Action, AuditEntry
from jobreport.store import Store, Transaction
from jobreport.store.db import locks
from jobreport.store.registry import audit_log
from jobreport.store.registry.audit_log import Head

INTERVAL_SECONDS: Final = 3600
"""Seconds between two checkpoints of the chains that have grown since."""
_LATE: Final = 60 * ticks.PER_SECOND
"""By how much the time in an entry may be earlier than its commit, in ticks."""
_DIGITS: Final = 32
"""How many digits of a hash are recorded: 128 bits, for which nobody can find a second entry."""
_PER_ENTRY: Final = 500
"""How many chains one entry records at most."""


def is_due(store: Store) -> bool:
    """Whether it is time for a checkpoint, and a chain has grown since the last."""
    with store.reading() as transaction:
        since = _since(transaction, store.clock())
        return since is not None and bool(audit_log.changed_heads(transaction, since - _LATE))


def write(store: Store, keys: Keys) -> tuple[int, ...]:
    """Records how far each chain that has grown is sealed, where the last checkpoint is an hour ago.

    Gives the tenants whose chain cannot be recorded, because its seal is not valid or names another entry than the
    table does. Any number of processes may do this at the same time.
    """
    now = store.clock()
    with store.writing() as transaction:
        locks.lock_chain(transaction, SERVICE)
        since = _since(transaction, now)
        if since is None:
            return ()
        moved = [head for head in audit_log.changed_heads(transaction, since - _LATE) if head.seal]
        noted = {head.tenant: _end_of(head, keys) for head in moved}
        ends = [end for end in noted.values() if end]
        parts = [ends[first : first + _PER_ENTRY] for first in range(0, len(ends), _PER_ENTRY)]
        if parts:
            audit_log.append(transaction, *(_entry(part, now) for part in parts))
    return tuple(tenant for tenant, end in noted.items() if not end)


def faults(transaction: Transaction, tenants: Collection[int]) -> dict[int, tuple[Fault, ...]]:
    """For each of these tenants whose chain differs from a checkpoint, the first difference."""
    found: dict[int, tuple[Fault, ...]] = {}
    for link in audit_log.service_links(transaction, Action.ChainsNoted):
        for tenant, number, digest in _ends(link.detail):
            if tenant not in tenants or tenant in found:
                continue
            there = audit_log.link_at(transaction, tenant, number)
            if there is None or not there.hash.hex().startswith(digest):
                what = f"is not what the service's own log notes in its entry {link.number}: this log was set back"
                found[tenant] = (Fault(number, what),)
    return found


def _since(transaction: Transaction, now: int) -> int | None:
    """The time of the last checkpoint; None where it is not time for one. A new store gets its first after an hour."""
    if (last := audit_log.latest(transaction, Action.ChainsNoted)) is not None:
        return last if now - last >= INTERVAL_SECONDS * ticks.PER_SECOND else None
    first = audit_log.link_at(transaction, SERVICE, 1)
    return 0 if first and now - first.at >= INTERVAL_SECONDS * ticks.PER_SECOND else None


def _end_of(head: Head, keys: Keys) -> str:
    """The record of one chain: tenant, number and hash; empty where its seal is not valid."""
    try:
        number, at_seal = seals.read(head.seal or "", head.tenant, keys).end
    except SealError:
        return ""
    return f"{head.tenant} {number} {at_seal.hex()[:_DIGITS]}" if number == head.sealed else ""


def _ends(detail: str) -> list[tuple[int, int, str]]:
    """Tenant, number and hash of each record; empty where somebody changed the entry, which verifying finds anyway."""
    try:
        split = [end.split(" ") for end in msgspec.json.decode(detail, type=dict[str, list[str]])["ends"]]
        return [(int(tenant), int(number), digest) for tenant, number, digest in split]
    except (msgspec.MsgspecError, KeyError, ValueError):
        return []


def _entry(ends: list[str], now: int) -> AuditEntry:
    return AuditEntry(tenant=SERVICE, at=now, actor=ITSELF, action=Action.ChainsNoted, detail={"ends": ends})
