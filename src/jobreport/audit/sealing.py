"""The chains of the audit log in; the head of each sealed with the service's key, or what is wrong with a chain, out.

A seal is only ever made for a chain that goes on, link by link, from what the last seal says: who changes a chain by
hand finds nobody to seal it. That there was a seal is known from elsewhere: of a tenant's chain by where the service's
own notes its begin, of the service's own by a mark in the encrypted signing keys (`marks`).
"""

from collections.abc import Iterable, Iterator

import msgspec

from jobreport.audit import checkpoints, seals
from jobreport.audit.chains import Begins, begun_by, follow
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

__all__ = ["Chain", "Fault", "Keys", "is_wanted", "keys_of", "missing", "seal", "verify"]


def keys_of(store: Store, secret: SecretKey | None = None) -> Keys | None:
    """The keys of a store; None where it has none yet. SecretKeyError where they are encrypted with another secret."""
    found = signing_keys.load_all(store, secret)
    return Keys(*found, secret) if found else None


def is_wanted(store: Store) -> bool:
    """Whether any chain has an entry that is not sealed."""
    with store.reading() as transaction:
        return bool(audit_log.unsealed(transaction))


def seal(store: Store, keys: Keys) -> tuple[Chain, ...]:
    """Seals every head that is not sealed as it is, or with an older key; those chains that nobody must seal.

    With the first seal the encrypted keys are marked. SecretKeyError where they are no longer encrypted with the same.
    """
    with store.reading() as transaction:
        wanting = audit_log.unsealed(transaction, str(keys.signer.kid))
    if not wanting and (keys.marker or not keys.secret):
        return ()
    with store.writing() as transaction:
        keys, marking = _to_mark(transaction, keys)
        if marking:
            wanting = tuple(sorted({*wanting, SERVICE}, reverse=True))
        broken, good = _judged(transaction, wanting, keys)
        service = _holding(transaction, SERVICE, keys)
        # What was found out of a chain without a seal holds only as long as none of the others has a new one.
        for head in good:
            until = head if head.tenant != SERVICE else _until(transaction, head)
            text = seals.made(head.tenant, _next(transaction, until, service, keys), keys.signer)
            audit_log.seal(transaction, until, str(keys.signer.kid), text)
        if marking and keys.secret and any(head.tenant == SERVICE for head in good):
            signing_keys.set_marker(transaction, keys.secret, SealMarker(store.clock(), audit_log.size(transaction)))
    return tuple(broken)


def _to_mark(transaction: Transaction, keys: Keys) -> tuple[Keys, bool]:
    """The keys with the mark that another process made meanwhile, and whether this one is to make it."""
    if keys.marker or not keys.secret:
        return keys, False
    locks.lock(transaction, locks.REGISTRY)
    found = stored_keys.marker_of(registry.signing_keys(transaction), keys.secret)
    return msgspec.structs.replace(keys, marker=found), not found


def _judged(transaction: Transaction, wanting: Iterable[int], keys: Keys) -> tuple[list[Chain], list[Head]]:
    """The chains that nobody must seal, and the heads of the others, which are held until the transaction ends."""
    broken, good, begins = [], [], Begins(keys)
    for tenant in wanting:
        locks.lock_chain(transaction, tenant)
        head = audit_log.head(transaction, tenant)
        if tenant != SERVICE and head and not head.seal and begins.are_silent_of(transaction, tenant):
            continue  # on a cluster it may be seen before what notes its begin; that it stays so, verifying tells
        found = follow(transaction, tenant, keys, begins, from_seal=True)
        if found.faults or head is None:
            broken.append(found)
        else:
            good.append(head)
    return broken, good


def _next(transaction: Transaction, head: Head, service: Seal | None, keys: Keys) -> Seal:
    """What the new seal of a head says; of the service's own chain never less than the one before did."""
    if head.tenant == SERVICE:
        return Seal((head.number, head.hash))
    before = _holding(transaction, head.tenant, keys)
    ends = [end for end in (service and service.end, before and before.service) if end]
    return Seal((head.number, head.hash), max(ends, default=None))


def _holding(transaction: Transaction, tenant: int, keys: Keys) -> Seal | None:
    """The seal of the tenant's chain; None where there is none that holds."""
    head = audit_log.head(transaction, tenant)
    try:
        return seals.read(head.seal, tenant, keys) if head and head.seal else None
    except SealError:
        return None


def _until(transaction: Transaction, head: Head) -> Head:
    """How far the service's own chain may be sealed: not beyond the begin of a chain that has no seal yet.

    One may have begun since this pass did, so that it is sealed by the next.
    """
    for link in audit_log.links(transaction, SERVICE, head.sealed):
        if (begun := begun_by(link)) is not None and not _has_seal(transaction, begun):
            before = audit_log.link_at(transaction, SERVICE, link.number - 1)
            return msgspec.structs.replace(head, number=link.number - 1, hash=before.hash if before else START)
    return head


def _has_seal(transaction: Transaction, tenant: int) -> bool:
    head = audit_log.head(transaction, tenant)
    return head is not None and head.seal is not None


def verify(store: Store, keys: Keys, tenants: Iterable[int] | None = None) -> Iterator[Chain]:
    """Looks at every entry of each chain, of all or of these tenants, and yields what it found."""
    begins = Begins(keys)
    with store.reading() as transaction:
        chosen = list(audit_log.chains(transaction) if tenants is None else tenants)
        noted = checkpoints.faults(transaction, frozenset(chosen))
    for tenant in chosen:
        with store.reading() as transaction:
            found = follow(transaction, tenant, keys, begins, from_seal=False)
            yield msgspec.structs.replace(found, faults=(*found.faults, *noted.get(tenant, ())))


def missing(store: Store) -> tuple[int, ...]:
    """The tenants whose chain once began, by the service's own, and is not there at all; the service too.

    Where there is a key to verify with, the service's chain has begun: a key is made with an entry in it.
    """
    with store.reading() as transaction:
        there = set(audit_log.chains(transaction))
        begun = {tenant for tenant, _ in audit_log.chain_starts(transaction)}
        return tuple(sorted((begun | {SERVICE}) - there))
