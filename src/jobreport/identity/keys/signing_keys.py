"""Loads the keys of a store: the keys that sign access tokens, that verify them, and that are published.

The audit log is sealed with the same keys. A seal must be verified as long as the log exists. So `load_all` also
returns the public half of destroyed keys, which access tokens do not need any more.
"""

from typing import Any, cast

import msgspec
from joserfc.jwk import KeySet, RSAKey

from jobreport.identity.keys import stored_keys
from jobreport.identity.keys.encryption import SecretKey
from jobreport.identity.keys.seal_marker import SealMarker
from jobreport.store import Store, Transaction
from jobreport.store.registry import signing_keys as registry
from jobreport.store.registry.signing_keys import SigningKey


class KeyRing(msgspec.Struct, frozen=True):
    """The keys for access tokens at one time.

    `signer` signs new tokens; a token is valid if any key of `verifying` signed it. `public` has their public halves as
    a JWK Set (RFC 7517). `stored` has the same keys as they are in the store.
    """

    signer: RSAKey
    verifying: KeySet
    public: dict[str, Any]
    stored: tuple[SigningKey, ...]


def load(store: Store, secret: SecretKey | None, known: KeyRing | None = None) -> KeyRing:
    """Returns the present key ring; `known` itself if nothing has changed since.

    Raises SecretKeyError if a key cannot be trusted (`stored_keys.check`).
    """
    now = store.clock()
    with store.reading() as transaction:
        stored = tuple(key for key in registry.signing_keys(transaction) if stored_keys.stage(key, now) != "over")
    signer = stored_keys.in_use(stored, now)[0].kid
    if known and known.stored == stored and known.signer.kid == signer:
        return known
    stored_keys.check(stored, secret)
    keys = {key.kid: stored_keys.rsa_key(key, secret) for key in stored}
    verifying = KeySet(list(keys.values()))
    return KeyRing(keys[signer], verifying, cast(dict[str, Any], verifying.as_dict(private=False)), stored)


def load_all(store: Store, secret: SecretKey | None) -> tuple[RSAKey, dict[str, RSAKey], SealMarker | None] | None:
    """Returns the key that signs now, all keys by their IDs, and the seal marker; None if there is no key yet.

    Raises SecretKeyError if a key cannot be trusted (`stored_keys.check`).
    """
    with store.reading() as transaction:
        stored = registry.signing_keys(transaction)
    signer = stored_keys.signer(stored, store.clock())
    if signer is None:
        return None
    stored_keys.check(stored, secret)
    keys = {key.kid: stored_keys.rsa_key(key, secret) for key in stored}
    return keys[signer.kid], keys, stored_keys.marker_of(stored, secret)


def set_marker(transaction: Transaction, secret: SecretKey, new: SealMarker) -> SealMarker:
    """Writes the seal marker into every key, if they have none, and returns the marker that they have now.

    The caller must hold the lock of the registry. Raises SecretKeyError if a key cannot be trusted
    (`stored_keys.check`).
    """
    stored = registry.signing_keys(transaction)
    stored_keys.check(stored, secret)
    if found := stored_keys.marker_of(stored, secret):
        return found
    for key in stored:
        registry.replace_signing_key(transaction, key.kid, stored_keys.with_marker(key, secret, new).jwk)
    return new
