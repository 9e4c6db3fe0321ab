"""The signing keys in the store: the stages of their life, whether they can be trusted, and how they are read.

A key is published before it signs. It verifies tokens for about an hour after it signed the last one; then its private
half is destroyed. The public half stays, because the key also signed seals of the audit log.
"""

import json
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final

import msgspec
from joserfc.jwk import RSAKey

from jobreport.identity.keys import seal_marker
from jobreport.identity.keys.encryption import SecretKey, SecretKeyError, decrypted, is_encrypted
from jobreport.identity.keys.seal_marker import SealMarker
from jobreport.identity.oauth.jwts import MALFORMED, SKEW_SECONDS
from jobreport.model import ticks
from jobreport.model.audit import SERVICE, Action, Actor, AuditEntry, Detail
from jobreport.store.registry.signing_keys import SigningKey

TOKEN_SECONDS: Final = 3600
"""An access token is valid this long. So its key must verify tokens this long after it signed the last one."""
CACHE_SECONDS: Final = 300
"""Clients may cache the published keys this long (`Cache-Control`)."""
LEAD_SECONDS: Final = 2 * CACHE_SECONDS
"""A new key is published this long before it signs. By then every cached copy of the keys contains it."""
ALGORITHM: Final = "RS256"
KEY_BITS: Final = 2048
OVERLAP: Final = (TOKEN_SECONDS + SKEW_SECONDS) * ticks.PER_SECOND
"""A key verifies tokens this long after it signed the last one, in ticks."""
_UNREADABLE: Final = "the signing key {} in the store is none that can be read"


def stage(key: SigningKey, now: int) -> str:
    """Returns the stage of a key at `now` (ticks): "in use" (it signs, or will sign), "verifying" or "over"."""
    if not key.retired or now < key.retired:
        return "in use"
    return "verifying" if now < key.retired + OVERLAP else "over"


def in_use(keys: Sequence[SigningKey], now: int) -> list[SigningKey]:
    """Returns the keys that sign now or will sign. The first of them signs now; it will be retired next."""
    used = [key for key in keys if stage(key, now) == "in use"]
    return sorted(used, key=lambda key: (not key.retired, key.retired, key.created))


def signer(keys: Sequence[SigningKey], now: int) -> SigningKey | None:
    """Returns the key that signs at `now` (ticks); None if there is none. `keys` must be all keys, oldest first."""
    return next(iter(in_use(keys, now)), None)


def generate(now: int, secret: SecretKey | None) -> SigningKey:
    """Returns a new key, encrypted if there is a secret key. It does not store the key."""
    key = RSAKey.generate_key(KEY_BITS, {"use": "sig", "alg": ALGORITHM}, private=True, auto_kid=True)
    return SigningKey(str(key.kid), seal_marker.join(key.as_dict(private=True), secret, None), now)


def check(keys: Sequence[SigningKey], secret: SecretKey | None, *, adopting: bool = False) -> None:
    """Raises SecretKeyError if a key cannot be decrypted, or may have been written by somebody without the secret key.

    Only somebody with the secret key can write an encrypted key. So a plain key beside encrypted keys was not written
    by this service. If there is a secret key, no key may be plain, unless the caller is going to encrypt plain keys
    (`adopting`).
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


def split(key: SigningKey, secret: SecretKey | None) -> tuple[dict[str, Any], SealMarker | None]:
    """Returns the JWK and the seal marker of a stored key. Raises SecretKeyError if the key cannot be read."""
    try:
        return seal_marker.split(key.jwk, secret)
    except MALFORMED:
        raise SecretKeyError(_UNREADABLE.format(key.kid)) from None


def rsa_key(key: SigningKey, secret: SecretKey | None) -> RSAKey:
    """Returns the key that signs and verifies; for a destroyed key, its public half.

    Raises SecretKeyError if the key cannot be read.
    """
    jwk, _ = split(key, secret)
    try:
        return _parsed(json.dumps(jwk))
    except MALFORMED:
        raise SecretKeyError(_UNREADABLE.format(key.kid)) from None


@lru_cache(maxsize=8)
def _parsed(jwk: str) -> RSAKey:
    """Returns the key of a JWK. It is cached: parsing takes 50 ms, since the numbers are checked, and every seal needs
    all keys.
    """
    return RSAKey.import_key(json.loads(jwk))


def marker_of(keys: Sequence[SigningKey], secret: SecretKey | None) -> SealMarker | None:
    """Returns the oldest seal marker of the keys; None if no key has one."""
    markers = (split(key, secret)[1] for key in keys)
    return min((marker for marker in markers if marker), key=lambda marker: marker.since, default=None)


def with_marker(key: SigningKey, secret: SecretKey | None, marker: SealMarker | None) -> SigningKey:
    """Returns the key with this seal marker instead of its own."""
    return msgspec.structs.replace(key, jwk=seal_marker.join(split(key, secret)[0], secret, marker))


def entry(now: int, by: Actor, action: Action, target: str = "", detail: Detail | None = None) -> AuditEntry:
    """Returns an entry about a signing key, for the service's own audit log."""
    return AuditEntry(tenant=SERVICE, at=now, actor=by, action=action, target=target, detail=detail or {})
