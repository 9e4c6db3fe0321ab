"""Seals the chains of the audit log every few seconds, and verifies them when an auditor asks.

Each tenant has a chain of entries, and so has the service. Each entry contains the hash of the entry before. A seal is
a signature over the last entry of a chain. A chain is sealed again only if its new entries continue, hash by hash, from
the entry that was sealed last. Entries before that are checked by `verify`.

Deleting a seal does not hide a change: the service's own chain records that each tenant's chain started, and the
encrypted signing keys record that the service's own chain was sealed (`SealMarker`).
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
    """Returns the keys that sign and verify seals; None if the store has no key yet.

    Raises SecretKeyError if `secret` cannot decrypt them.
    """
    loaded = signing_keys.load_all(store, secret)
    return Keys(*loaded, secret) if loaded else None


def needs_sealing(store: Store) -> bool:
    """Whether any chain has entries that are not sealed yet."""
    with store.reading() as transaction:
        return bool(audit_log.unsealed(transaction))


def seal(store: Store, keys: Keys) -> tuple[Chain, ...]:
    """Seals every chain that has new entries or a seal by an older key. Returns broken chains, which are not sealed.

    The first time, it also writes the marker into the encrypted keys. Raises SecretKeyError if the keys have been
    encrypted with another secret key since they were read.
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
        # All chains are checked before one is sealed: a new seal changes what is found about a chain that has none.
        for head in good:
            until = head if head.tenant != SERVICE else _sealable(transaction, head)
            text = seals.sign(head.tenant, _next(transaction, until, service, keys), keys.signer)
            audit_log.seal(transaction, until, str(keys.signer.kid), text)
        if marking and keys.secret and any(head.tenant == SERVICE for head in good):
            signing_keys.set_marker(transaction, keys.secret, SealMarker(store.clock(), audit_log.size(transaction)))
    return tuple(broken)


def _check_marker(transaction: Transaction, keys: Keys) -> tuple[Keys, bool]:
    """Returns the keys, with the marker if another process has just written it; and whether to write it here."""
    if keys.marker or not keys.secret:
        return keys, False
    locks.lock(transaction, locks.REGISTRY)
    marker = stored_keys.marker_of(registry.signing_keys(transaction), keys.secret)
    return msgspec.structs.replace(keys, marker=marker), not marker


def _checked(transaction: Transaction, unsealed: Iterable[int], keys: Keys) -> tuple[list[Chain], list[Head]]:
    """Checks the chains. Returns the broken ones, and the heads (the ends) of those that may be sealed.

    All these chains stay locked until the transaction ends.
    """
    broken, good, begins = [], [], ChainStarts(keys)
    for tenant in unsealed:
        locks.lock_chain(transaction, tenant)
        head = audit_log.head(transaction, tenant)
        if tenant != SERVICE and head and not head.seal and begins.lacks(transaction, tenant):
            continue  # on a cluster the entry about its start may come later; if it never comes, `verify` reports it
        chain = check_chain(transaction, tenant, keys, begins, from_seal=True)
        if chain.faults or head is None:
            broken.append(chain)
        else:
            good.append(head)
    return broken, good


def _next(transaction: Transaction, head: Head, service: Seal | None, keys: Keys) -> Seal:
    """Returns the new seal for the end of a chain. A tenant's seal also names an entry of the service's own chain.

    That is the last sealed entry, or the entry that the tenant's previous seal named, whichever is later. So an older
    copy of the service's chain cannot be put back without a trace.
    """
    if head.tenant == SERVICE:
        return Seal((head.number, head.hash))
    before = _valid_seal(transaction, head.tenant, keys)
    ends = [end for end in (service and service.end, before and before.service) if end]
    return Seal((head.number, head.hash), max(ends, default=None))


def _valid_seal(transaction: Transaction, tenant: int, keys: Keys) -> Seal | None:
    """Returns the seal that the tenant's chain has now; None if it has none, or if it is not valid."""
    head = audit_log.head(transaction, tenant)
    try:
        return seals.read(head.seal, tenant, keys) if head and head.seal else None
    except SealError:
        return None


def _sealable(transaction: Transaction, head: Head) -> Head:
    """Returns the service's own head, set back to the entry up to which that chain may be sealed.

    Example: its entry 12 says that the chain of tenant 7 started, and that chain has no seal yet, perhaps because it
    started a moment ago. Then only entries up to 11 are sealed, and the others after tenant 7 has its first seal.
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
    """Checks every entry of these tenants' chains, or of all chains. Gives one result for each chain.

    Each chain is also compared with the checkpoints that the service's own chain contains.
    """
    begins = ChainStarts(keys)
    with store.reading() as transaction:
        chosen = list(audit_log.chains(transaction) if tenants is None else tenants)
        noted = checkpoints.faults(transaction, frozenset(chosen))
    for tenant in chosen:
        with store.reading() as transaction:
            chain = check_chain(transaction, tenant, keys, begins, from_seal=False)
            yield msgspec.structs.replace(chain, faults=(*chain.faults, *noted.get(tenant, ())))


def missing(store: Store) -> tuple[int, ...]:
    """Returns the tenants whose chain is completely gone, although the service's own chain says that it started.

    The service itself is included if its own chain is gone: that has at least an entry about the first signing key.
    """
    with store.reading() as transaction:
        there = set(audit_log.chains(transaction))
        begun = {tenant for tenant, _ in audit_log.chain_starts(transaction)}
        return tuple(sorted((begun | {SERVICE}) - there))
