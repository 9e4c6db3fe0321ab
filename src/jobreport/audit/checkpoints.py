"""Checkpoints: every hour, an entry in the service's own chain records how far the tenants' chains are sealed.

An old seal stays valid for ever. So somebody could put an old seal back and delete the entries after it. Then the
checkpoint names an entry that is not there any more.
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
"""The seconds between two checkpoints. Each records the chains that have grown since the last checkpoint."""
_LATE: Final = 60 * ticks.PER_SECOND
"""The time in an entry may be earlier than its commit by this much, in ticks."""
_DIGITS: Final = 32
"""The number of hexadecimal digits of a hash that are recorded. For these 128 bits nobody can make another entry."""
_PER_ENTRY: Final = 500
"""One entry records at most this many chains."""


def is_due(store: Store) -> bool:
    """Whether the last checkpoint is at least an hour old, and a chain has grown since then."""
    with store.reading() as transaction:
        since = _since(transaction, store.clock())
        return since is not None and bool(audit_log.changed_heads(transaction, since - _LATE))


def write(store: Store, keys: Keys) -> tuple[int, ...]:
    """Records how far each chain that has grown is sealed, if the last checkpoint is at least an hour old.

    Returns the tenants whose chain cannot be recorded, because its seal is not valid or names another entry than the
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
    """Compares the chains of these tenants with all checkpoints. Returns, for each chain that differs, the first
    difference.
    """
    faults_of: dict[int, tuple[Fault, ...]] = {}
    for link in audit_log.service_links(transaction, Action.ChainsNoted):
        for tenant, number, digest in _ends(link.detail):
            if tenant not in tenants or tenant in faults_of:
                continue
            there = audit_log.link_at(transaction, tenant, number)
            if there is None or not there.hash.hex().startswith(digest):
                what = (
                    f"differs from the checkpoint in entry {link.number} of the service's own chain: "
                    "an older copy of this chain was put back"
                )
                faults_of[tenant] = (Fault(number, what),)
    return faults_of


def _since(transaction: Transaction, now: int) -> int | None:
    """Returns the time of the last checkpoint, in ticks; None if it is not yet time for the next.

    A new store gets its first checkpoint one hour after its first entry; until there is one, the time is 0.
    """
    if (last := audit_log.latest(transaction, Action.ChainsNoted)) is not None:
        return last if now - last >= INTERVAL_SECONDS * ticks.PER_SECOND else None
    first = audit_log.link_at(transaction, SERVICE, 1)
    return 0 if first and now - first.at >= INTERVAL_SECONDS * ticks.PER_SECOND else None


def _end_of(head: Head, keys: Keys) -> str:
    """Returns the record of one chain, `tenant number hash`; an empty text if its seal is not valid."""
    try:
        number, at_seal = seals.read(head.seal or "", head.tenant, keys).end
    except SealError:
        return ""
    return f"{head.tenant} {number} {at_seal.hex()[:_DIGITS]}" if number == head.sealed else ""


def _ends(detail: str) -> list[tuple[int, int, str]]:
    """Returns the tenant, the number and the hash of each record of a checkpoint.

    Returns none if the entry cannot be read, because somebody changed it; verifying its chain finds that.
    """
    try:
        split = [end.split(" ") for end in msgspec.json.decode(detail, type=dict[str, list[str]])["ends"]]
        return [(int(tenant), int(number), digest) for tenant, number, digest in split]
    except (msgspec.MsgspecError, KeyError, ValueError):
        return []


def _entry(ends: list[str], now: int) -> AuditEntry:
    return AuditEntry(tenant=SERVICE, at=now, actor=ITSELF, action=Action.ChainsNoted, detail={"ends": ends})
