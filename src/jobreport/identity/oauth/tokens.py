"""Issues access tokens, and verifies those that requests carry: our own, and those of trusted external issuers.

The signature of a token is verified once, and the result is cached. The app of the token is looked up again every few
seconds (`principals`), so that a revoked app is refused although its token has not expired.
"""

import secrets
import threading
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any, Final, cast

import msgspec
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from jobreport.identity.keys import provision, rotation, signing_keys, stored_keys
from jobreport.identity.keys.encryption import SecretKey, SecretKeyError
from jobreport.identity.oauth import jws_form, jwts
from jobreport.identity.oauth.external_tokens import ExternalTokens
from jobreport.identity.oauth.grants import Grant
from jobreport.identity.oauth.issuers import Issuer
from jobreport.identity.oauth.trust import TrustedIssuer
from jobreport.identity.principals import AppNotAllowedError, Principal, Principals
from jobreport.model import ticks
from jobreport.store import Store

LIFETIME_SECONDS: Final = stored_keys.TOKEN_SECONDS
ALGORITHM: Final = stored_keys.ALGORITHM
_MAX_TOKEN: Final = 8192
_RELOAD: Final = 10 * ticks.PER_SECOND
"""Tokens with unknown key IDs make the server reload the keys at most once in this time, in ticks."""
_REPROVE: Final = 600 * ticks.PER_SECOND
"""The signature of an external token is verified again after this time, in ticks, since its issuer may have withdrawn
the key."""
_MAX_CACHED: Final = 10_000


class InvalidTokenError(Exception):
    """Raised if a token is not valid. The message says why, and does not contain the token."""


class Tokens:
    """Signs and verifies access tokens for one issuer, which is also their audience. Thread-safe.

    Tokens of the `trusted` external issuers are accepted too. `secret` is the secret key with which the store's signing
    keys are encrypted. Raises SecretKeyError if it is missing or wrong.
    """

    def __init__(
        self, store: Store, issuer: str, secret: SecretKey | None = None, trusted: Iterable[TrustedIssuer] = ()
    ) -> None:
        self.issuer = issuer
        self.store, self._secret = store, secret
        self._external = ExternalTokens(trusted, store.clock)
        self._lock = threading.Lock()
        self.principals = Principals(store)
        # token -> (ID of the app for `Principals.find`; permissions; time until which this is cached, in ticks)
        self._verified: dict[str, tuple[str, frozenset[str], int]] = {}
        provision.ensure(store, secret)
        self._ring = signing_keys.load(store, secret)
        self._loaded = store.clock()

    def issue(self, grant: Grant) -> str:
        """Returns a new token for the grant. It is valid for `LIFETIME_SECONDS`."""
        key = self._ring.signer
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

    def cached(self, token: str) -> Principal | None:
        """Returns the principal of a token from the caches, without reading the store.

        Returns None if the token or its app is not cached.
        """
        known = self._verified.get(token)
        if known is None or known[2] <= (now := self.store.clock()):
            return None
        app = self.principals.cached(known[0], now)
        return _with(app, known[1]) if app else None

    def verify(self, token: str) -> Principal:
        """Verifies a token, and returns its principal.

        Raises InvalidTokenError if the token is not valid, has expired, or its app may not use the API; IssuerError if
        the keys of its external issuer cannot be fetched.
        """
        now = self.store.clock()
        known = self._verified.get(token)
        if known is None or known[2] <= now:
            known = self._decode(token, now)
            with self._lock:
                if len(self._verified) >= _MAX_CACHED:
                    self._verified.clear()
                self._verified[token] = known
        who, permissions, _ = known
        try:
            return _with(self.principals.find(who), permissions)
        except AppNotAllowedError as error:
            raise InvalidTokenError(str(error)) from None

    @property
    def signing_keys(self) -> tuple[RSAKey, ...]:
        """The keys that still have their private half, the signer first. Keys for skiptokens are derived from these."""
        keys = cast(Iterator[RSAKey], self._ring.verifying.keys)  # we make no others
        others = (key for key in keys if key.kid != self._ring.signer.kid and key.is_private)
        return self._ring.signer, *others

    def jwks(self) -> dict[str, Any]:
        """Returns the published keys, which verify tokens, as a JWK Set (RFC 7517)."""
        return self._ring.public

    def external_issuer(self, token: str) -> str:
        """Returns the trusted external issuer that a token names, which is not verified; empty if it names none."""
        return self._external.issuer_of(token) if len(token) <= _MAX_TOKEN else ""

    @property
    def issuers(self) -> tuple[Issuer, ...]:
        """The trusted external issuers."""
        return self._external.issuers

    def rotate_if_due(self, max_age: int) -> str | None:
        """Replaces the signing key if it is older than `max_age` ticks (0: never), and reloads the keys.

        Returns the ID of the new key, or None. Raises SecretKeyError if the secret key is missing or wrong.
        """
        rotated = rotation.rotate_if_due(self.store, self._secret, max_age)
        self.reload()
        return rotated

    def reload(self) -> None:
        """Reads the keys again, since other processes may have changed them.

        Raises SecretKeyError if the secret key is missing or wrong.
        """
        with self._lock:
            self._loaded = self.store.clock()
        ring = signing_keys.load(self.store, self._secret, self._ring)
        gone = {key.kid for key in self._ring.verifying} - {key.kid for key in ring.verifying}
        with self._lock:
            self._ring = ring
            if gone:
                # Usually all tokens of such a key have expired. But the key may have been withdrawn early.
                self._verified.clear()

    def _decode(self, token: str, now: int) -> tuple[str, frozenset[str], int]:
        if len(token) > _MAX_TOKEN:
            raise InvalidTokenError("the token is too long to be one of ours")
        try:
            jws_form.check(token)
        except jws_form.FormError as error:
            raise InvalidTokenError(f"the token is not valid here ({error})") from None
        if name := self._external.issuer_of(token):
            try:
                verified = self._external.verify(token, name)
            except jwts.ClaimError as error:
                raise InvalidTokenError(f"the token of {name} is not valid here: {error}") from None
            until = min(verified.expires, now + _REPROVE)
            return f"{verified.client_id}\n{verified.tenant_name}", verified.permissions, until
        return self._decode_own(token)

    def _decode_own(self, token: str) -> tuple[str, frozenset[str], int]:
        self._refresh_keys(token)
        try:
            decoded = jwt.decode(token, self._ring.verifying, algorithms=[ALGORITHM])
            rules = jwt.JWTClaimsRegistry(
                now=self._unix_now(),
                iss={"essential": True, "value": self.issuer},
                aud={"essential": True, "value": self.issuer},
                exp={"essential": True},
                nbf={"essential": True},
            )
            rules.validate(decoded.claims)
        except jwts.MALFORMED as error:
            reason = error.error if isinstance(error, JoseError) else "malformed"
            raise InvalidTokenError(f"the token is not valid here ({reason})") from None
        claims = decoded.claims
        expires = ticks.UNIX_EPOCH + int(claims["exp"]) * ticks.PER_SECOND
        return str(claims.get("client_id", "")), frozenset(str(claims.get("scope", "")).split()), expires

    def _refresh_keys(self, token: str) -> None:
        """Reloads the keys if a token names an unknown key: another process may have created it."""
        now = self.store.clock()
        known = [key.kid for key in self._ring.verifying]
        if now - self._loaded >= _RELOAD and jwts.peek(token)[0].get("kid") not in known:
            with suppress(SecretKeyError):  # the known keys stay in use; the rotation logs the error
                self.reload()

    def _unix_now(self) -> int:
        return (self.store.clock() - ticks.UNIX_EPOCH) // ticks.PER_SECOND


def _with(app: Principal, permissions: frozenset[str]) -> Principal:
    """Returns the app with only those of its permissions that are in the token."""
    if permissions >= app.permissions:
        return app
    return msgspec.structs.replace(app, permissions=permissions & app.permissions)
