"""The ends of tenants' chains in; noted in the service's own chain, by the hour, and compared with what is there, out.

An old seal holds whenever it is put back, with all behind it cut off. What the service noted of that chain meanwhile
is then not there any more.
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

EVERY_SECONDS: Final = 3600
"""How often is noted how far the chains go that have moved since."""
_LATE: Final = 60 * ticks.PER_SECOND
"""By how much the time of an entry may be before that at which it was appended."""
_DIGITS: Final = 32
"""How much of a hash is noted: 128 bits, of which nobody finds another."""
_A_NOTE: Final = 500
"""How many chains are noted in one entry."""


def is_due(store: Store) -> bool:
    """Whether it is time to note, and there is anything to note."""
    with store.reading() as transaction:
        since = _since(transaction, store.clock())
        return since is not None and bool(audit_log.changed_heads(transaction, since - _LATE))


def note(store: Store, keys: Keys) -> tuple[int, ...]:
    """Notes, where it is an hour since the last time, how far each chain that has moved is sealed.

    The tenants of which that cannot be noted, since no seal holds, or it ends elsewhere than is written beside it. Any
    number of processes may do this at once.
    """
    now = store.clock()
    with store.writing() as transaction:
        locks.lock_chain(transaction, SERVICE)
        since = _since(transaction, now)
        if since is None:
            return ()
        moved = [head for head in audit_log.changed_heads(transaction, since - _LATE) if head.seal]
        noted = {head.tenant: _noted(head, keys) for head in moved}
        ends = [end for end in noted.values() if end]
        parts = [ends[first : first + _A_NOTE] for first in range(0, len(ends), _A_NOTE)]
        if parts:
            audit_log.append(transaction, *(_entry(part, now) for part in parts))
    return tuple(tenant for tenant, end in noted.items() if not end)


def faults(transaction: Transaction, tenants: Collection[int]) -> dict[int, tuple[Fault, ...]]:
    """For each of these tenants whose chain is not what was noted of it, the first place where it is not."""
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
    """From when on is to be noted; None where it is not yet time. A store is noted first when it is an hour old."""
    if (last := audit_log.latest(transaction, Action.ChainsNoted)) is not None:
        return last if now - last >= EVERY_SECONDS * ticks.PER_SECOND else None
    first = audit_log.link_at(transaction, SERVICE, 1)
    return 0 if first and now - first.at >= EVERY_SECONDS * ticks.PER_SECOND else None


def _noted(head: Head, keys: Keys) -> str:
    """How far a chain is sealed, for a note; empty where no seal holds."""
    try:
        number, at_seal = seals.read(head.seal or "", head.tenant, keys).end
    except SealError:
        return ""
    return f"{head.tenant} {number} {at_seal.hex()[:_DIGITS]}" if number == head.sealed else ""


def _ends(detail: str) -> list[tuple[int, int, str]]:
    """Tenants, and number and hash of an entry each; none where somebody changed it, which verifying tells anyway."""
    try:
        split = [end.split(" ") for end in msgspec.json.decode(detail, type=dict[str, list[str]])["ends"]]
        return [(int(tenant), int(number), digest) for tenant, number, digest in split]
    except (msgspec.MsgspecError, KeyError, ValueError):
        return []


def _entry(ends: list[str], now: int) -> AuditEntry:
    return AuditEntry(tenant=SERVICE, at=now, actor=ITSELF, action=Action.ChainsNoted, detail={"ends": ends})
