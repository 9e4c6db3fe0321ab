"""The keys of a store, ready for use: to sign access tokens with, to verify them with, and to publish.

The audit log is sealed with the same keys. A seal is verified for as long as the log is kept, so `load_all` gives the
public half of destroyed keys too, which no access token can need any more.
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
    """The keys for access tokens at one moment.

    `signer` signs now; a token may be signed with any of `verifying`; `public` are their public halves as a JWK Set
    (RFC 7517). `stored` is what was read from the store.
    """

    signer: RSAKey
    verifying: KeySet
    public: dict[str, Any]
    stored: tuple[SigningKey, ...]


def load(store: Store, secret: SecretKey | None, known: KeyRing | None = None) -> KeyRing:
    """The key ring as of now; `known` itself, where nothing changed since. SecretKeyError as `stored_keys.check`."""
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
    """The key that signs now, every key there ever was by its ID, and the seal marker; None where there is no key yet.

    SecretKeyError as `stored_keys.check`.
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
    """Writes the seal marker into every key. The marker that the keys have now, which may be an earlier one.

    The caller holds the lock of the registry. SecretKeyError as `stored_keys.check`.
    """
    stored = registry.signing_keys(transaction)
    stored_keys.check(stored, secret)
    if found := stored_keys.marker_of(stored, secret):
        return found
    for key in stored:
        registry.replace_signing_key(transaction, key.kid, stored_keys.with_marker(key, secret, new).jwk)
    return new
