"""A grant in, a signed access token out; a token in, who asks and what he may out. Verified tokens are cached."""

import json
import secrets
import threading
from typing import Any, Final

import msgspec
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, RSAKey
from joserfc.jws import extract_compact

from jobreport.identity.grants import Grant
from jobreport.identity.principals import NotAdmittedError, Principal, Principals
from jobreport.model import ticks
from jobreport.store import Store, registry
from jobreport.store.registry import SigningKey

LIFETIME_SECONDS: Final = 3600
ALGORITHM: Final = "RS256"
KEY_BITS: Final = 2048
_MAX_TOKEN: Final = 8192
_RELOAD: Final = 10 * ticks.PER_SECOND
"""How often an unknown key ID may make us look for new keys."""
_MAX_CACHED: Final = 10_000


class InvalidTokenError(Exception):
    """A token that is not good; the message says why, without the token."""


class Tokens:
    """Signs and verifies access tokens for one issuer, which is their audience too. Safe between threads."""

    def __init__(self, store: Store, issuer: str) -> None:
        self.issuer = issuer
        self._store = store
        self._lock = threading.Lock()
        self.principals = Principals(store)
        # token -> (client ID, permissions, expiry in ticks)
        self._verified: dict[str, tuple[str, frozenset[str], int]] = {}
        self._keys, self._public = _load(store)
        self._loaded = store.clock()

    def issue(self, grant: Grant) -> str:
        """A token for the grant, good for `LIFETIME_SECONDS`."""
        key = self._keys.keys[0]
        now = self._unix_now()
        claims: dict[str, Any] = {
            "iss": self.issuer,
            "aud": self.issuer,
            "sub": grant.app.client_id,
            "client_id": grant.app.client_id,
            "scope": " ".join(grant.permissions),
            "jti": secrets.token_urlsafe(12),
            "iat": now,
            "nbf": now,
            "exp": now + LIFETIME_SECONDS,
        }
        return jwt.encode({"alg": ALGORITHM, "typ": "at+jwt", "kid": key.kid}, claims, key, algorithms=[ALGORITHM])

    def known(self, token: str) -> Principal | None:
        """The same as `verify` for a token that was verified just now, without asking the store; None for any other."""
        known = self._verified.get(token)
        if known is None or known[2] <= self._store.clock():
            return None
        app = self.principals.known(known[0])
        return _with(app, known[1]) if app else None

    def verify(self, token: str) -> Principal:
        """Who the token speaks for; InvalidTokenError where it is forged, over or foreign, or its app may not ask."""
        now = self._store.clock()
        known = self._verified.get(token)
        if known is None:
            known = self._decode(token)
            with self._lock:
                if len(self._verified) >= _MAX_CACHED:
                    self._verified.clear()
                self._verified[token] = known
        client_id, permissions, expires = known
        if expires <= now:
            raise InvalidTokenError("the token has expired")
        try:
            return _with(self.principals.find(client_id), permissions)
        except NotAdmittedError as error:
            raise InvalidTokenError(str(error)) from None

    @property
    def signing_keys(self) -> tuple[RSAKey, ...]:
        """The keys with their private halves, the one that signs now first; other secrets may be derived from them."""
        return tuple(self._keys.keys)  # type: ignore[arg-type]  # we make no others

    def reload(self) -> None:
        """Looks for what other processes did to the keys."""
        with self._lock:
            self._loaded = self._store.clock()
            self._keys, self._public = _load(self._store)

    def jwks(self) -> dict[str, Any]:
        """The public keys that tokens can be verified with, as a JWK Set (RFC 7517)."""
        return self._public

    def _decode(self, token: str) -> tuple[str, frozenset[str], int]:
        if len(token) > _MAX_TOKEN:
            raise InvalidTokenError("the token is too long to be one of ours")
        self._refresh_keys(token)
        try:
            found = jwt.decode(token, self._keys, algorithms=[ALGORITHM])
            rules = jwt.JWTClaimsRegistry(
                now=self._unix_now(),
                iss={"essential": True, "value": self.issuer},
                aud={"essential": True, "value": self.issuer},
                exp={"essential": True},
                nbf={"essential": True},
            )
            rules.validate(found.claims)
        except (JoseError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            reason = error.error if isinstance(error, JoseError) else "malformed"
            raise InvalidTokenError(f"the token is not valid here ({reason})") from None
        claims = found.claims
        expires = ticks.UNIX_EPOCH + int(claims["exp"]) * ticks.PER_SECOND
        return str(claims.get("client_id", "")), frozenset(str(claims.get("scope", "")).split()), expires

    def _refresh_keys(self, token: str) -> None:
        """Another process may have made a newer key: looks again when a token names one that is not known."""
        now = self._store.clock()
        if now - self._loaded < _RELOAD or _key_id(token) in {key.kid for key in self._keys.keys}:
            return
        self.reload()

    def _unix_now(self) -> int:
        return (self._store.clock() - ticks.UNIX_EPOCH) // ticks.PER_SECOND


def _with(app: Principal, permissions: frozenset[str]) -> Principal:
    """The app with those of its permissions that a token carries."""
    granted = permissions & app.permissions
    return app if granted == app.permissions else msgspec.structs.replace(app, permissions=granted)


def _key_id(token: str) -> str:
    """The key ID that a token's header names; empty where there is none to be read."""
    try:
        return str(extract_compact(token.encode()).headers().get("kid", ""))
    except (JoseError, ValueError, TypeError, AttributeError, RecursionError):
        return ""


def ensure_signing_key(store: Store) -> None:
    """Makes the first signing key where the store has none."""
    with store.reading() as transaction:
        if registry.signing_keys(transaction):
            return
    key = RSAKey.generate_key(KEY_BITS, {"use": "sig", "alg": ALGORITHM}, private=True, auto_kid=True)
    with store.writing() as transaction:
        jwk = json.dumps(key.as_dict(private=True))
        registry.add_first_signing_key(transaction, SigningKey(str(key.kid), jwk, store.clock()))


def _load(store: Store) -> tuple[KeySet, dict[str, Any]]:
    ensure_signing_key(store)
    with store.reading() as transaction:
        kept = registry.signing_keys(transaction)
    keys = KeySet([RSAKey.import_key(json.loads(key.jwk)) for key in kept])
    return keys, dict(keys.as_dict(private=False))
