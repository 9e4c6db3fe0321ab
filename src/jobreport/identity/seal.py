"""The chains of the audit log in; the head of each sealed with the service's key, or what is wrong with a chain, out.

A seal is a JWS (RFC 7515) over a chain's number of entries and the hash of the last. It is only ever made for a chain
that goes on, link by link, from what the last seal says: who changes a chain by hand finds nobody to seal it.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

import msgspec
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from jobreport.identity import keys as signing
from jobreport.identity.encryption import SecretKey
from jobreport.model.audit import SERVICE, START, Action, Link
from jobreport.store import Store, Transaction, audit, locks
from jobreport.store.audit import Head

TYPE: Final = "jobreport-audit+jws"
_ALGORITHM: Final = "RS256"


class Keys(msgspec.Struct, frozen=True):
    """The key that seals now, and every one that ever did, by its ID."""

    signer: RSAKey
    every: Mapping[str, RSAKey]


class Fault(msgspec.Struct, frozen=True):
    """What is wrong with a chain, in words, and the number of the entry at which it shows; 0: with all of it."""

    number: int
    what: str


class Chain(msgspec.Struct, frozen=True, kw_only=True):
    """What was found of a chain: how many entries it has, how many of them are sealed, and all that is wrong."""

    tenant: int
    entries: int
    sealed: int
    hash: bytes
    faults: tuple[Fault, ...]


class SealError(Exception):
    """A seal that does not hold; the message says why."""


def keys_of(store: Store, secret: SecretKey | None = None) -> Keys | None:
    """The keys of a store; None where it has none yet. SecretKeyError where they are encrypted with another secret."""
    found = signing.every(store, secret)
    return Keys(*found) if found else None


def is_wanted(store: Store) -> bool:
    """Whether any chain has an entry that is not sealed."""
    with store.reading() as transaction:
        return bool(audit.unsealed(transaction))


def seal(store: Store, keys: Keys) -> tuple[Chain, ...]:
    """Seals every head that is not sealed as it is, or with an older key; those chains that nobody must seal."""
    with store.reading() as transaction:
        wanting = audit.unsealed(transaction, str(keys.signer.kid))
    broken: list[Chain] = []
    if not wanting:
        return ()
    with store.writing() as transaction:
        good: list[Head] = []
        for tenant in wanting:
            locks.chain(transaction, tenant)
            found = _follow(transaction, tenant, keys, from_seal=True)
            head = audit.head(transaction, tenant)
            if found.faults or head is None:
                broken.append(found)
            else:
                good.append(head)
        # What was found out of a chain without a seal holds only as long as none of the others has a new one.
        for head in good:
            until = head if head.tenant != SERVICE else _until(transaction, head)
            audit.seal(transaction, until, str(keys.signer.kid), _signed(until, keys.signer))
    return tuple(broken)


def _until(transaction: Transaction, head: Head) -> Head:
    """How far the service's own chain may be sealed: not beyond the begin of a chain that has no seal yet.

    One may have begun since this pass did, so that it is sealed by the next.
    """
    for link in audit.links(transaction, SERVICE, head.sealed):
        if link.action == Action.ChainBegun.value and not _has_seal(transaction, link):
            before = audit.link_at(transaction, SERVICE, link.number - 1)
            return msgspec.structs.replace(head, number=link.number - 1, hash=before.hash if before else START)
    return head


def _has_seal(transaction: Transaction, begin: Link) -> bool:
    head = audit.head(transaction, int(json.loads(begin.detail)["tenant"]))
    return head is not None and head.seal is not None


def verify(store: Store, keys: Keys, tenants: Iterable[int] | None = None) -> Iterator[Chain]:
    """Looks at every entry of each chain, of all or of these tenants, and yields what it found."""
    with store.reading() as transaction:
        chosen = list(audit.chains(transaction) if tenants is None else tenants)
    for tenant in chosen:
        with store.reading() as transaction:
            yield _follow(transaction, tenant, keys, from_seal=False)


def missing(store: Store) -> tuple[int, ...]:
    """The tenants whose chain once began, by the service's own, and is not there at all; the service too.

    Where there is a key to verify with, the service's chain has begun: a key is made with an entry in it.
    """
    with store.reading() as transaction:
        there = set(audit.chains(transaction))
        return tuple(sorted((audit.noted(transaction) | {SERVICE}) - there))


def _follow(transaction: Transaction, tenant: int, keys: Keys, *, from_seal: bool) -> Chain:
    """Goes from the begin of a chain, or from its seal, to its end."""
    head = audit.head(transaction, tenant)
    faults: list[Fault] = []
    sealed, at_seal = 0, START
    try:
        sealed, at_seal = _sealed(transaction, tenant, head, keys)
    except SealError as error:
        faults.append(Fault(0, str(error)))
    number, before = (sealed, at_seal) if from_seal else (0, START)
    if from_seal and sealed:
        last = audit.link_at(transaction, tenant, sealed)
        if last is None or last.computed() != at_seal:
            faults.append(Fault(sealed, "is not the entry that was sealed"))
    for link in audit.links(transaction, tenant, number):
        faults += _faults(link, number, before)
        number, before = link.number, link.hash
        if number == sealed and link.hash != at_seal:
            faults.append(Fault(number, "is not the entry that was sealed"))
    if number < sealed:
        faults.append(Fault(number + 1, f"and all up to {sealed} are gone: that many were sealed"))
    if head is None:
        faults.append(Fault(0, "its head is gone"))
    elif (head.number, head.hash) != (number, before):
        faults.append(Fault(number, f"is not the last one that was appended: that was {head.number}"))
    return Chain(tenant=tenant, entries=number, sealed=sealed, hash=before, faults=tuple(faults))


def _faults(link: Link, before: int, previous: bytes) -> Iterator[Fault]:
    """What is wrong with an entry behind the one with the number `before` and the hash `previous`."""
    if link.number != before + 1:
        gone = f"{before + 1}" if link.number == before + 2 else f"{before + 1} to {link.number - 1}"
        yield Fault(link.number, f"comes after a gap: {gone} missing")
    elif link.previous != previous:
        yield Fault(link.number, "does not go on from the entry before it")
    if link.hash != link.computed():
        yield Fault(link.number, "was changed")


def _sealed(transaction: Transaction, tenant: int, head: Head | None, keys: Keys) -> tuple[int, bytes]:
    """How many entries the seal of a head covers, and the hash of the last of them; SealError where it does not hold.

    A chain that was never sealed begins. One whose begin is sealed in the service's chain was sealed with it.
    """
    if head is None:
        return 0, START
    if head.seal is None:
        service = audit.head(transaction, SERVICE)
        if tenant == SERVICE and audit.is_any_sealed(transaction):
            raise SealError("its seal was taken away: other chains have one")
        if tenant != SERVICE and service and audit.begun(transaction, tenant, service.sealed):
            raise SealError("its seal was taken away: it was sealed when it began")
        return 0, START
    try:
        found = jws.deserialize_compact(head.seal, lambda one: _key(one, keys), algorithms=[_ALGORITHM])
        payload = json.loads(found.payload)
        covers = int(payload["tenant"]), int(payload["number"]), bytes.fromhex(payload["hash"])
        typ = found.headers().get("typ")
    except (JoseError, ValueError, TypeError, KeyError) as error:
        reason = error.args[0] if isinstance(error, KeyError) else type(error).__name__
        raise SealError(f"its seal is not the service's ({reason})") from None
    if typ != TYPE or covers[0] != tenant:
        raise SealError("its seal is another's")
    return covers[1:]


def _key(found: object, keys: Keys) -> RSAKey:
    kid = str(found.headers().get("kid", ""))  # type: ignore[attr-defined]  # joserfc's guest of a key lookup
    if kid not in keys.every:
        raise KeyError("made with a key that the store does not know")
    return keys.every[kid]


def _signed(head: Head, key: RSAKey) -> str:
    payload = msgspec.json.encode({"tenant": head.tenant, "number": head.number, "hash": head.hash.hex()})
    return jws.serialize_compact({"alg": _ALGORITHM, "typ": TYPE, "kid": key.kid}, payload, key, [_ALGORITHM])
