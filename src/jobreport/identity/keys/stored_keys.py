"""A signing key as the store keeps it: at which stage of its life it is, whether it can be trusted, and what is in it.

A key is published before it signs, and it goes on verifying for an hour after it signed last. Then its private half is
destroyed; the public half stays, because seals of the audit log were made with it as well.
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
"""How long an access token is valid, and so how long its key must be able to verify after it signed last."""
CACHE_SECONDS: Final = 300
"""How long others may cache the published keys (`Cache-Control`)."""
LEAD_SECONDS: Final = 2 * CACHE_SECONDS
"""How long a new key is published before it signs: by then no cached copy of the keys lacks it."""
ALGORITHM: Final = "RS256"
KEY_BITS: Final = 2048
OVERLAP: Final = (TOKEN_SECONDS + SKEW_SECONDS) * ticks.PER_SECOND
"""How long a key verifies after it signed last, in ticks."""
_UNREADABLE: Final = "the signing key {} in the store is none that can be read"


def stage(key: SigningKey, now: int) -> str:
    """The stage of a key at `now` (ticks): "in use" (it signs, or will), "verifying" or "over"."""
    if not key.retired or now < key.retired:
        return "in use"
    return "verifying" if now < key.retired + OVERLAP else "over"


def in_use(keys: Sequence[SigningKey], now: int) -> list[SigningKey]:
    """The keys that sign now or will. The first one signs now: it is the one that is retired next."""
    found = [key for key in keys if stage(key, now) == "in use"]
    return sorted(found, key=lambda key: (not key.retired, key.retired, key.created))


def signer(keys: Sequence[SigningKey], now: int) -> SigningKey | None:
    """The key that signs at `now`; None where there is none. `keys`: all there are, oldest first."""
    return next(iter(in_use(keys, now)), None)


def generate(now: int, secret: SecretKey | None) -> SigningKey:
    """A new key, encrypted where there is a secret key; it is not in the store yet."""
    key = RSAKey.generate_key(KEY_BITS, {"use": "sig", "alg": ALGORITHM}, private=True, auto_kid=True)
    return SigningKey(str(key.kid), seal_marker.join(key.as_dict(private=True), secret, None), now)


def check(keys: Sequence[SigningKey], secret: SecretKey | None, *, adopting: bool = False) -> None:
    """Raises SecretKeyError where a key cannot be decrypted, or was written by somebody without the secret key.

    Encryption here also authenticates. So a plain key beside encrypted ones was not written by us, and with a secret
    key no key may be plain, unless the caller is about to encrypt plain keys (`adopting`).
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
    """The JWK and the seal marker of a stored key. SecretKeyError where the key cannot be read."""
    try:
        return seal_marker.split(key.jwk, secret)
    except MALFORMED:
        raise SecretKeyError(_UNREADABLE.format(key.kid)) from None


def rsa_key(key: SigningKey, secret: SecretKey | None) -> RSAKey:
    """The key to sign and verify with; of a destroyed key the public half. SecretKeyError where it cannot be read."""
    jwk, _ = split(key, secret)
    try:
        return _parsed(json.dumps(jwk))
    except MALFORMED:
        raise SecretKeyError(_UNREADABLE.format(key.kid)) from None


@lru_cache(maxsize=8)
def _parsed(jwk: str) -> RSAKey:
    """The key of a JWK. To parse one takes 50 ms, for its numbers are checked, and every seal needs all keys."""
    return RSAKey.import_key(json.loads(jwk))


def marker_of(keys: Sequence[SigningKey], secret: SecretKey | None) -> SealMarker | None:
    """The oldest seal marker of the keys; None where no key has one."""
    markers = (split(key, secret)[1] for key in keys)
    return min((marker for marker in markers if marker), key=lambda marker: marker.since, default=None)


def with_marker(key: SigningKey, secret: SecretKey | None, marker: SealMarker | None) -> SigningKey:
    """The key with this seal marker inside, instead of the one it has."""
    return msgspec.structs.replace(key, jwk=seal_marker.join(split(key, secret)[0], secret, marker))


def entry(now: int, by: Actor, action: Action, target: str = "", detail: Detail | None = None) -> AuditEntry:
    """An entry about a signing key, for the service's own audit log."""
    return AuditEntry(tenant=SERVICE, at=now, actor=by, action=action, target=target, detail=detail or {})
