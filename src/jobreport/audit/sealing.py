"""Seals the chains of the audit log every few seconds, and verifies all of them when an auditor asks.

A chain is only sealed again where it continues, entry by entry, from its last seal. So a chain that somebody changed
in the database is never sealed. Deleting the seal does not help either: the service's own chain records where each
tenant's chain started, and the encrypted signing keys record that the service's own chain was sealed (`SealMarker`).
"""

from collections.abc import Iterable, Iterator

import msgspec

from jobreport.audit import checkpoints, seals
from jobreport.audit.chains import ChainStarts, check_chain, started_by
from jobreport.audit.seals import Chain, Fault, Keys, Seal, SealError
from jobreport.identity.keys import signing_keys, stored_keys
from jobreport.identity.keys.encryption import SecretKey
from jobreport.identity.keys.seal_marker import SealMarker
from jobreport.model.audit import SERVICE, START
from jobreport.store import Store, Transaction
from jobreport.store.db import locks
from jobreport.store.registry import audit_log
from jobreport.store.registry import signing_keys as registry
from jobreport.store.registry.audit_log import Head

__all__ = ["Chain", "Fault", "Keys", "keys_of", "missing", "needs_sealing", "seal", "verify"]


def keys_of(store: Store, secret: SecretKey | None = None) -> Keys | None:
    """The keys of a store; None where it has none yet. SecretKeyError where `secret` cannot decrypt them."""
    found = signing_keys.load_all(store, secret)
    return Keys(*found, secret) if found else None


def needs_sealing(store: Store) -> bool:
    """Whether a chain has entries that are not sealed."""
    with store.reading() as transaction:
        return bool(audit_log.unsealed(transaction))


def seal(store: Store, keys: Keys) -> tuple[Chain, ...]:
    """Seals every chain that has new entries, or was sealed with an older key; gives those that it refused to seal.

    The first seal also writes the marker into the encrypted keys. SecretKeyError where they were encrypted anew.
    """
    with store.reading() as transaction:
        unsealed = audit_log.unsealed(transaction, str(keys.signer.kid))
    if not unsealed and (keys.marker or not keys.secret):
        return ()
    with store.writing() as transaction:
        keys, marking = _check_marker(transaction, keys)
        if marking:
            unsealed = tuple(sorted({*unsealed, SERVICE}, reverse=True))
        broken, good = _checked(transaction, unsealed, keys)
        service = _valid_seal(transaction, SERVICE, keys)
        # What was found about a chain without a seal is true only until another chain gets a new seal.
        for head in good:
            until = head if head.tenant != SERVICE else _sealable(transaction, head)
            text = seals.sign(head.tenant, _next(transaction, until, service, keys), keys.signer)
            audit_log.seal(transaction, until, str(keys.signer.kid), text)
        if marking and keys.secret and any(head.tenant == SERVICE for head in good):
            signing_keys.set_marker(transaction, keys.secret, SealMarker(store.clock(), audit_log.size(transaction)))
    return tuple(broken)


def _check_marker(transaction: Transaction, keys: Keys) -> tuple[Keys, bool]:
    """The keys, with the marker that another process may have written meanwhile; and whether to write it now."""
    if keys.marker or not keys.secret:
        return keys, False
    locks.lock(transaction, locks.REGISTRY)
    found = stored_keys.marker_of(registry.signing_keys(transaction), keys.secret)
    return msgspec.structs.replace(keys, marker=found), not found


def _checked(transaction: Transaction, unsealed: Iterable[int], keys: Keys) -> tuple[list[Chain], list[Head]]:
    """The chains that must not be sealed, and the heads of the others, locked until the transaction ends."""
    broken, good, begins = [], [], ChainStarts(keys)
    for tenant in unsealed:
        locks.lock_chain(transaction, tenant)
        head = audit_log.head(transaction, tenant)
        if tenant != SERVICE and head and not head.seal and begins.lacks(transaction, tenant):
            continue  # on a cluster the entry about its start may come later; if it stays away, verifying finds that
        found = check_chain(transaction, tenant, keys, begins, from_seal=True)
        if found.faults or head is None:
            broken.append(found)
        else:
            good.append(head)
    return broken, good


def _next(transaction: Transaction, head: Head, service: Seal | None, keys: Keys) -> Seal:
    """The new seal of a head. It names the latest known end of the service's chain, never an earlier one."""
    if head.tenant == SERVICE:
        return Seal((head.number, head.hash))
    before = _valid_seal(transaction, head.tenant, keys)
    ends = [end for end in (service and service.end, before and before.service) if end]
    return Seal((head.number, head.hash), max(ends, default=None))


def _valid_seal(transaction: Transaction, tenant: int, keys: Keys) -> Seal | None:
    """The seal of the tenant's chain; None where it has none, or it is not valid."""
    head = audit_log.head(transaction, tenant)
    try:
        return seals.read(head.seal, tenant, keys) if head and head.seal else None
    except SealError:
        return None


def _sealable(transaction: Transaction, head: Head) -> Head:
    """How far the service's own chain may be sealed: not beyond the start of a tenant's chain that has no seal yet.

    Such a chain may have started during this pass. The next pass seals it.
    """
    for link in audit_log.links(transaction, SERVICE, head.sealed):
        if (begun := started_by(link)) is not None and not _has_seal(transaction, begun):
            before = audit_log.link_at(transaction, SERVICE, link.number - 1)
            return msgspec.structs.replace(head, number=link.number - 1, hash=before.hash if before else START)
    return head


def _has_seal(transaction: Transaction, tenant: int) -> bool:
    head = audit_log.head(transaction, tenant)
    return head is not None and head.seal is not None


def verify(store: Store, keys: Keys, tenants: Iterable[int] | None = None) -> Iterator[Chain]:
    """Checks every entry of the chains of these tenants, or of all; yields the result of each chain."""
    begins = ChainStarts(keys)
    with store.reading() as transaction:
        chosen = list(audit_log.chains(transaction) if tenants is None else tenants)
        noted = checkpoints.faults(transaction, frozenset(chosen))
    for tenant in chosen:
        with store.reading() as transaction:
            found = check_chain(transaction, tenant, keys, begins, from_seal=False)
            yield msgspec.structs.replace(found, faults=(*found.faults, *noted.get(tenant, ())))


def missing(store: Store) -> tuple[int, ...]:
    """The tenants whose chain is completely gone, although the service's own chain says that it started.

    The service itself counts too: where there is a signing key, its own chain has an entry about it.
    """
    with store.reading() as transaction:
        there = set(audit_log.chains(transaction))
        begun = {tenant for tenant, _ in audit_log.chain_starts(transaction)}
        return tuple(sorted((begun | {SERVICE}) - there))
