"""A store in; the keys that tokens are signed and verified with out, and new ones in place of the old.

A new key is published before anything is signed with it, and an old one until the last token that it signed is over.
Its private half is then destroyed; the public one stays for what else it signed.
"""

from collections.abc import Sequence
from typing import Any, Final, cast

import msgspec
from joserfc.jwk import KeySet, RSAKey

from jobreport.identity.keys.encryption import SecretKey, SecretKeyError, decrypted, is_encrypted
from jobreport.identity.keys.seal_marker import Mark, joined, parted
from jobreport.identity.oauth.jwts import MALFORMED, SKEW_SECONDS
from jobreport.model import ticks
from jobreport.model.audit import ITSELF, SERVICE, Action, Actor, AuditEntry, Detail
from jobreport.store import Store, Transaction
from jobreport.store.db import locks
from jobreport.store.registry import audit_log
from jobreport.store.registry import signing_keys as kept
from jobreport.store.registry.signing_keys import SigningKey

TOKEN_SECONDS: Final = 3600
"""How long a token lives, and so how long its key must outlive its last use."""
CACHE_SECONDS: Final = 300
"""How long others may keep the published keys before they ask again (`Cache-Control`)."""
LEAD_SECONDS: Final = 2 * CACHE_SECONDS
"""How long a key is published before anything is signed with it: nobody's copy of the keys is older then."""
ALGORITHM: Final = "RS256"
KEY_BITS: Final = 2048
_UNREADABLE: Final = "the signing key {} in the store is none that can be read"
_OUTLIVES: Final = (TOKEN_SECONDS + SKEW_SECONDS) * ticks.PER_SECOND


class Ring(msgspec.Struct, frozen=True):
    """The key to sign with now, all that tokens may be signed with, and their public halves as a JWK Set (RFC 7517)."""

    signer: RSAKey
    verifying: KeySet
    public: dict[str, Any]
    made_of: tuple[SigningKey, ...]


def stage(key: SigningKey, now: int) -> str:
    """How a key stands: in use, still verifying, or over."""
    if not key.retired or now < key.retired:
        return "in use"
    return "verifying" if now < key.retired + _OUTLIVES else "over"


def signing(keys: Sequence[SigningKey], now: int) -> SigningKey | None:
    """The one that signs at `now`, of all that there are, oldest first."""
    return next(iter(_in_use(keys, now)), None)


def prepare(store: Store, secret: SecretKey | None) -> None:
    """Makes the first signing key where there is none, and encrypts those that are not, where there is a secret key.

    SecretKeyError where they are encrypted and the secret key is missing, or another; and where a shared store is to
    be used without one.
    """
    if store.is_shared and secret is None:
        raise SecretKeyError(
            "a store on PostgreSQL can be read by others, so its signing keys must be encrypted: make a secret key by "
            "`jobreport key secret > secret.key` (in a folder of your own), set JOBREPORT_SECRET_KEY_FILE to that file "
            "wherever this store is served, and keep a copy elsewhere"
        )
    with store.reading() as transaction:
        there = kept.signing_keys(transaction)
    if _in_use(there, store.clock()):
        _check(there, secret, adopting=True)
        if secret is None or all(is_encrypted(key.jwk) for key in there):
            return
    new = _generate(store.clock(), secret)
    with store.writing() as transaction:
        # Of many that start at once the first does it; the others then find it done.
        locks.lock(transaction, locks.REGISTRY)
        there = kept.signing_keys(transaction)
        _check(there, secret, adopting=True)
        entries = []
        if not _in_use(there, store.clock()):
            kept.add_signing_key(transaction, _marked(new, secret, mark_of(there, secret)))
            entries.append(_entry(new.created, ITSELF, Action.KeyCreated, new.kid))
        plain = [key for key in there if not is_encrypted(key.jwk)]
        if secret and plain:
            for key in plain:
                # Of what is plain a mark is nobody's.
                kept.replace_signing_key(transaction, key.kid, joined(_parts(key, None)[0], secret, None))
            entries.append(_encrypted(plain, secret, store.clock(), ITSELF))
        if entries:
            audit_log.append(transaction, *entries)
    if secret and plain:
        store.forget()


def load(store: Store, secret: SecretKey | None, known: Ring | None = None) -> Ring:
    """The keys as they stand now: `known`, where nothing has changed since. SecretKeyError as `prepare`."""
    now = store.clock()
    with store.reading() as transaction:
        there = tuple(key for key in kept.signing_keys(transaction) if stage(key, now) != "over")
    signer = _in_use(there, now)[0].kid
    if known and known.made_of == there and known.signer.kid == signer:
        return known
    _check(there, secret)
    keys = {key.kid: _read(key, secret) for key in there}
    verifying = KeySet(list(keys.values()))
    return Ring(keys[signer], verifying, cast(dict[str, Any], verifying.as_dict(private=False)), there)


def every(store: Store, secret: SecretKey | None) -> tuple[RSAKey, dict[str, RSAKey], Mark | None] | None:
    """The key that signs now, each there ever was, by its ID, and their mark; None where there is no key yet.

    Of those that are over only the public half is left. SecretKeyError as `prepare`.
    """
    with store.reading() as transaction:
        there = kept.signing_keys(transaction)
    signer = signing(there, store.clock())
    if signer is None:
        return None
    _check(there, secret)
    keys = {key.kid: _read(key, secret) for key in there}
    return keys[signer.kid], keys, mark_of(there, secret)


def mark_of(keys: Sequence[SigningKey], secret: SecretKey | None) -> Mark | None:
    """The oldest mark of the keys; None where none has one."""
    marks = (_parts(key, secret)[1] for key in keys)
    return min((mark for mark in marks if mark), key=lambda mark: mark.since, default=None)


def mark(transaction: Transaction, secret: SecretKey, new: Mark) -> Mark:
    """Marks every key, also those that are over; the mark that they have, which may be an earlier one.

    The caller holds the registry. SecretKeyError as `prepare`.
    """
    there = kept.signing_keys(transaction)
    _check(there, secret)
    if found := mark_of(there, secret):
        return found
    for key in there:
        kept.replace_signing_key(transaction, key.kid, _marked(key, secret, new).jwk)
    return new


def rotate(store: Store, secret: SecretKey | None, by: Actor = ITSELF, *, at_once: bool = False) -> SigningKey:
    """Makes a new key, which signs from `LEAD_SECONDS` from now on; the ones before verify until their tokens are over.

    With `at_once` the ones before are destroyed, and every token that they signed ends; for a key that got out.
    SecretKeyError as `prepare`.
    """
    prepare(store, secret)
    now = store.clock()
    new = _generate(now, secret)
    with store.writing() as transaction:
        locks.lock(transaction, locks.REGISTRY)
        entries = _replace(transaction, new, secret, by, at_once=at_once)
        audit_log.append(transaction, *entries)
    return new


def tend(store: Store, secret: SecretKey | None, max_age: int) -> str | None:
    """Rotates where the newest key is older than `max_age` ticks (0: never), and destroys what is over.

    The new key's ID where there is one. Any number of processes may do this at once.
    """
    now = store.clock()
    with store.reading() as transaction:
        if not _due(kept.signing_keys(transaction), secret, now, max_age):
            return None
    new = _generate(now, secret)
    with store.writing() as transaction:
        locks.lock(transaction, locks.REGISTRY)
        there = kept.signing_keys(transaction)
        if not _due(there, secret, now, max_age):
            return None
        entries = [_destroy(transaction, key, secret, now, ITSELF) for key in _spent(there, secret, now)]
        aged = _is_aged(there, now, max_age)
        if aged:
            entries += _replace(transaction, new, secret, ITSELF, at_once=False)
        audit_log.append(transaction, *entries)
    return new.kid if aged else None


def encrypt_anew(store: Store, old: SecretKey | None, new: SecretKey, by: Actor) -> int:
    """Encrypts every key with `new` instead of `old`; how many. SecretKeyError where `old` is not the one."""
    with store.writing() as transaction:
        locks.lock(transaction, locks.REGISTRY)
        there = kept.signing_keys(transaction)
        _check(there, old, adopting=True)
        for key in there:
            jwk, marked = _parts(key, old)
            kept.replace_signing_key(transaction, key.kid, joined(jwk, new, marked))
        audit_log.append(transaction, _encrypted(there, new, store.clock(), by))
    store.forget()
    return len(there)


def _replace(
    transaction: Transaction, new: SigningKey, secret: SecretKey | None, by: Actor, *, at_once: bool
) -> list[AuditEntry]:
    """Puts the new key in the place of those before."""
    now = new.created
    entries = [_entry(now, by, Action.KeyCreated, new.kid)]
    there = kept.signing_keys(transaction)
    for key in there:
        if at_once and stage(key, now) != "over":
            kept.retire_signing_key(transaction, key.kid, now - _OUTLIVES)
            entries.append(_destroy(transaction, key, secret, now, by))
        elif not key.retired:
            ends = now + LEAD_SECONDS * ticks.PER_SECOND
            kept.retire_signing_key(transaction, key.kid, ends)
            entries.append(_entry(now, by, Action.KeyRetired, key.kid, {"from": ticks.to_iso(ends, digits=0)}))
    kept.add_signing_key(transaction, _marked(new, secret, mark_of(there, secret)))
    return entries


def _destroy(transaction: Transaction, key: SigningKey, secret: SecretKey | None, now: int, by: Actor) -> AuditEntry:
    """Leaves the public half of the key alone."""
    public = _read(key, secret).as_dict(private=False)
    kept.replace_signing_key(transaction, key.kid, joined(public, secret, _parts(key, secret)[1]))
    return _entry(now, by, Action.KeyDeleted, key.kid)


def _in_use(keys: Sequence[SigningKey], now: int) -> list[SigningKey]:
    """Those that sign now or will, the one that does now first: the one that is the next to be retired."""
    found = [key for key in keys if stage(key, now) == "in use"]
    return sorted(found, key=lambda key: (not key.retired, key.retired, key.created))


def _due(keys: Sequence[SigningKey], secret: SecretKey | None, now: int, max_age: int) -> bool:
    return _is_aged(keys, now, max_age) or bool(_spent(keys, secret, now))


def _is_aged(keys: Sequence[SigningKey], now: int, max_age: int) -> bool:
    return bool(max_age and keys and now - keys[-1].created >= max_age)


def _spent(keys: Sequence[SigningKey], secret: SecretKey | None, now: int) -> list[SigningKey]:
    """Those that are over and of which more than the public half is there."""
    return [key for key in keys if stage(key, now) == "over" and "d" in _parts(key, secret)[0]]


def _check(keys: Sequence[SigningKey], secret: SecretKey | None, *, adopting: bool = False) -> None:
    """SecretKeyError where one of the keys cannot be read, or was put there by somebody without the secret key.

    What is encrypted is authenticated too; so where one is, a key that is not is nobody's. With a secret key none may
    be plain, except where plain ones are about to be encrypted: `adopting`.
    """
    encrypted = [is_encrypted(key.jwk) for key in keys]
    for key in keys:
        decrypted(key.jwk, secret)
    if any(encrypted) and not all(encrypted):
        raise SecretKeyError(
            "the store has a signing key that is not encrypted beside others that are: nobody with the secret key put "
            f"it there; delete it ({', '.join(key.kid for key in keys if not is_encrypted(key.jwk))})"
        )
    if secret and keys and not any(encrypted) and not adopting:
        raise SecretKeyError(
            "the store's signing keys are not encrypted, although a secret key is set: where they never were, "
            "`jobreport serve` and `jobreport key rotate` encrypt them; else somebody put others in their place"
        )


def _parts(key: SigningKey, secret: SecretKey | None) -> tuple[dict[str, Any], Mark | None]:
    """The key as a JWK, and its mark. SecretKeyError where it cannot be read."""
    try:
        return parted(key.jwk, secret)
    except MALFORMED:
        raise SecretKeyError(_UNREADABLE.format(key.kid)) from None


def _read(key: SigningKey, secret: SecretKey | None) -> RSAKey:
    try:
        return RSAKey.import_key(_parts(key, secret)[0])
    except MALFORMED:
        raise SecretKeyError(_UNREADABLE.format(key.kid)) from None


def _marked(key: SigningKey, secret: SecretKey | None, mark: Mark | None) -> SigningKey:
    """The key with the mark beside it."""
    return msgspec.structs.replace(key, jwk=joined(_parts(key, secret)[0], secret, mark))


def _generate(now: int, secret: SecretKey | None) -> SigningKey:
    key = RSAKey.generate_key(KEY_BITS, {"use": "sig", "alg": ALGORITHM}, private=True, auto_kid=True)
    return SigningKey(str(key.kid), joined(key.as_dict(private=True), secret, None), now)


def _encrypted(keys: Sequence[SigningKey], secret: SecretKey, now: int, by: Actor) -> AuditEntry:
    detail: Detail = {"keys": [key.kid for key in keys], "secretKey": secret.name}
    return _entry(now, by, Action.KeysEncrypted, detail=detail)


def _entry(now: int, by: Actor, action: Action, target: str = "", detail: Detail | None = None) -> AuditEntry:
    return AuditEntry(tenant=SERVICE, at=now, actor=by, action=action, target=target, detail=detail or {})
