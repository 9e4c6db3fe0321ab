"""A grant in, a signed access token out; a token in, who asks and what he may out. Verified tokens are cached."""

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
from jobreport.identity.oauth.external_tokens import Outside
from jobreport.identity.oauth.grants import Grant
from jobreport.identity.oauth.issuers import Issuer
from jobreport.identity.oauth.trust import Trusted
from jobreport.identity.principals import NotAdmittedError, Principal, Principals
from jobreport.model import ticks
from jobreport.store import Store

LIFETIME_SECONDS: Final = stored_keys.TOKEN_SECONDS
ALGORITHM: Final = stored_keys.ALGORITHM
_MAX_TOKEN: Final = 8192
_RELOAD: Final = 10 * ticks.PER_SECOND
"""How often an unknown key ID may make us look for new keys."""
_REPROVE: Final = 600 * ticks.PER_SECOND
"""How long an outside token is believed after its signature was verified: its issuer may take the key back."""
_MAX_CACHED: Final = 10_000


class InvalidTokenError(Exception):
    """A token that is not good; the message says why, without the token."""


class Tokens:
    """Signs and verifies access tokens for one issuer, which is their audience too. Safe between threads.

    Those of outside issuers that are `trusted` count as well. `secret`: what the store's signing keys are encrypted
    with; SecretKeyError where it is not that.
    """

    def __init__(
        self, store: Store, issuer: str, secret: SecretKey | None = None, trusted: Iterable[Trusted] = ()
    ) -> None:
        self.issuer = issuer
        self.store, self._secret = store, secret
        self._outside = Outside(trusted, store.clock)
        self._lock = threading.Lock()
        self.principals = Principals(store)
        # token -> (who, as `Principals.find` takes it; permissions; until when, in ticks)
        self._verified: dict[str, tuple[str, frozenset[str], int]] = {}
        provision.ensure(store, secret)
        self._ring = signing_keys.load(store, secret)
        self._loaded = store.clock()

    def issue(self, grant: Grant) -> str:
        """A token for the grant, good for `LIFETIME_SECONDS`."""
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

    def known(self, token: str) -> Principal | None:
        """The same as `verify` for a token that was verified just now, without asking the store; None for any other."""
        known = self._verified.get(token)
        if known is None or known[2] <= (now := self.store.clock()):
            return None
        app = self.principals.known(known[0], now)
        return _with(app, known[1]) if app else None

    def verify(self, token: str) -> Principal:
        """Who the token speaks for; InvalidTokenError where it is forged, over or foreign, or its app may not ask.

        IssuerError where the keys of a trusted outside issuer cannot be had.
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
        except NotAdmittedError as error:
            raise InvalidTokenError(str(error)) from None

    @property
    def signing_keys(self) -> tuple[RSAKey, ...]:
        """The keys whose private halves are kept, the one that signs now first; other secrets are derived from them."""
        every = cast(Iterator[RSAKey], self._ring.verifying.keys)  # we make no others
        others = (key for key in every if key.kid != self._ring.signer.kid and key.is_private)
        return self._ring.signer, *others

    def jwks(self) -> dict[str, Any]:
        """The public keys that tokens can be verified with, as a JWK Set (RFC 7517)."""
        return self._ring.public

    def outside(self, token: str) -> str:
        """The trusted outside issuer that a token claims to be from; empty for any other."""
        return self._outside.named(token) if len(token) <= _MAX_TOKEN else ""

    @property
    def issuers(self) -> tuple[Issuer, ...]:
        """The outside issuers that are trusted."""
        return self._outside.issuers

    def tend(self, max_age: int) -> str | None:
        """Replaces the signing key that is older than `max_age` ticks (0: never), and reloads; the new key's ID if so.

        SecretKeyError as above.
        """
        rotated = rotation.rotate_if_due(self.store, self._secret, max_age)
        self.reload()
        return rotated

    def reload(self) -> None:
        """Looks for what other processes did to the keys; due every few seconds. SecretKeyError as above."""
        with self._lock:
            self._loaded = self.store.clock()
        ring = signing_keys.load(self.store, self._secret, self._ring)
        gone = {key.kid for key in self._ring.verifying} - {key.kid for key in ring.verifying}
        with self._lock:
            self._ring = ring
            if gone:
                # Mostly nothing is left that such a key signed; but it may have been withdrawn.
                self._verified.clear()

    def _decode(self, token: str, now: int) -> tuple[str, frozenset[str], int]:
        if len(token) > _MAX_TOKEN:
            raise InvalidTokenError("the token is too long to be one of ours")
        try:
            jws_form.check(token)
        except jws_form.FormError as error:
            raise InvalidTokenError(f"the token is not valid here ({error})") from None
        if name := self._outside.named(token):
            try:
                found = self._outside.verify(token, name)
            except jwts.ClaimError as error:
                raise InvalidTokenError(f"the token of {name} is not valid here: {error}") from None
            until = min(found.expires, now + _REPROVE)
            return f"{found.client_id}\n{found.tenant_name}", found.permissions, until
        return self._decode_own(token)

    def _decode_own(self, token: str) -> tuple[str, frozenset[str], int]:
        self._refresh_keys(token)
        try:
            found = jwt.decode(token, self._ring.verifying, algorithms=[ALGORITHM])
            rules = jwt.JWTClaimsRegistry(
                now=self._unix_now(),
                iss={"essential": True, "value": self.issuer},
                aud={"essential": True, "value": self.issuer},
                exp={"essential": True},
                nbf={"essential": True},
            )
            rules.validate(found.claims)
        except jwts.MALFORMED as error:
            reason = error.error if isinstance(error, JoseError) else "malformed"
            raise InvalidTokenError(f"the token is not valid here ({reason})") from None
        claims = found.claims
        expires = ticks.UNIX_EPOCH + int(claims["exp"]) * ticks.PER_SECOND
        return str(claims.get("client_id", "")), frozenset(str(claims.get("scope", "")).split()), expires

    def _refresh_keys(self, token: str) -> None:
        """Another process may have made a newer key: looks again when a token names one that is not known."""
        now = self.store.clock()
        known = [key.kid for key in self._ring.verifying]
        if now - self._loaded >= _RELOAD and jwts.peek(token)[0].get("kid") not in known:
            with suppress(SecretKeyError):  # the keys that are known go on to count; whoever tends them says so
                self.reload()

    def _unix_now(self) -> int:
        return (self.store.clock() - ticks.UNIX_EPOCH) // ticks.PER_SECOND


def _with(app: Principal, permissions: frozenset[str]) -> Principal:
    """The app with those of its permissions that a token carries."""
    if permissions >= app.permissions:
        return app
    return msgspec.structs.replace(app, permissions=permissions & app.permissions)
