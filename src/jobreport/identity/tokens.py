"""A grant in, a signed access token out; a token in, who asks and what he may out. Verified tokens are cached."""

import secrets
import threading
from collections.abc import Iterable
from typing import Any, Final

import msgspec
from joserfc import jwt
from joserfc.errors import JoseError

from jobreport.identity import jwts, keys
from jobreport.identity.encryption import SecretKey
from jobreport.identity.grants import Grant
from jobreport.identity.issuers import Issuer
from jobreport.identity.outside import Outside
from jobreport.identity.permissions import PERMISSIONS
from jobreport.identity.trust import Trusted
from jobreport.model import ticks
from jobreport.store import Store, registry

LIFETIME_SECONDS: Final = keys.TOKEN_SECONDS
ALGORITHM: Final = keys.ALGORITHM
_MAX_TOKEN: Final = 8192
_RECHECK: Final = 3 * ticks.PER_SECOND
"""How old the knowledge of an app may be: a revoked one stops working within five seconds."""
_RELOAD: Final = 10 * ticks.PER_SECOND
"""How often an unknown key ID may make us look for new keys."""
_REPROVE: Final = 600 * ticks.PER_SECOND
"""How long an outside token is believed after its signature was verified: its issuer may take the key back."""
_MAX_CACHED: Final = 10_000


class InvalidTokenError(Exception):
    """A token that is not good; the message says why, without the token."""


class Principal(msgspec.Struct, frozen=True):
    """Who asks: an app, its tenant, and the permissions that its token carries."""

    client_id: str
    tenant: int
    tenant_name: str
    permissions: frozenset[str]


class Tokens:
    """Signs and verifies access tokens for one issuer, which is their audience too. Safe between threads.

    Those of outside issuers that are `trusted` count as well. `secret`: what the store's signing keys are encrypted
    with; SecretKeyError where it is not that.
    """

    def __init__(
        self, store: Store, issuer: str, secret: SecretKey | None = None, trusted: Iterable[Trusted] = ()
    ) -> None:
        self.issuer = issuer
        self._store, self._secret = store, secret
        self._outside = Outside(trusted, store.clock)
        self._lock = threading.Lock()
        # token -> (app, permissions, until when, in ticks); app -> (principal without permissions, checked at).
        # An app is known by its client ID; one from outside by that, a line end, and its tenant's name.
        self._verified: dict[str, tuple[str, frozenset[str], int]] = {}
        self._apps: dict[str, tuple[Principal | None, int]] = {}
        keys.prepare(store, secret)
        self._ring = keys.load(store, secret)
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
        now = self._store.clock()
        if known is None or known[2] <= now:
            return None
        app, checked = self._apps.get(known[0], (None, 0))
        if app is None or not 0 <= now - checked < _RECHECK:
            return None
        return Principal(app.client_id, app.tenant, app.tenant_name, known[1] & app.permissions)

    def verify(self, token: str) -> Principal:
        """Who the token speaks for; InvalidTokenError where it is forged, expired, foreign, or its app revoked.

        IssuerError where the keys of a trusted outside issuer cannot be had.
        """
        now = self._store.clock()
        known = self._verified.get(token)
        if known is None or known[2] <= now:
            known = self._decode(token, now)
            with self._lock:
                if len(self._verified) >= _MAX_CACHED:
                    self._verified.clear()
                self._verified[token] = known
        named, permissions, _ = known
        app = self._app(named, now)
        if app is None:
            raise InvalidTokenError(
                "it is for a tenant that is none here" if "\n" in named else "the app registration was revoked"
            )
        return Principal(app.client_id, app.tenant, app.tenant_name, permissions & app.permissions)

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

    def reload(self) -> None:
        """Looks for what other processes did to the keys; due every few seconds. SecretKeyError as above."""
        with self._lock:
            self._loaded = self._store.clock()
        ring = keys.load(self._store, self._secret)
        gone = {key.kid for key in self._ring.verifying} - {key.kid for key in ring.verifying}
        with self._lock:
            self._ring = ring
            if gone:
                # Mostly nothing is left that such a key signed; but it may have been withdrawn.
                self._verified.clear()

    def _decode(self, token: str, now: int) -> tuple[str, frozenset[str], int]:
        if len(token) > _MAX_TOKEN:
            raise InvalidTokenError("the token is too long to be one of ours")
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
        now = self._store.clock()
        known = [key.kid for key in self._ring.verifying]
        if now - self._loaded >= _RELOAD and jwts.peek(token)[0].get("kid") not in known:
            self.reload()

    def _app(self, named: str, now: int) -> Principal | None:
        known = self._apps.get(named)
        if known and 0 <= now - known[1] < _RECHECK:
            return known[0]
        client_id, outside, tenant = named.partition("\n")
        principal = self._outsider(client_id, tenant) if outside else self._registered(client_id)
        with self._lock:
            if len(self._apps) >= _MAX_CACHED:
                self._apps.clear()
            self._apps[named] = (principal, now)
        return principal

    def _registered(self, client_id: str) -> Principal | None:
        with self._store.reading() as transaction:
            app = registry.find_app(transaction, client_id)
        if app is None or app.revoked:
            return None
        return Principal(app.client_id, app.tenant, app.tenant_name, frozenset(app.permissions))

    def _outsider(self, client_id: str, tenant: str) -> Principal | None:
        """Whoever comes from outside comes to a tenant that is there: no token makes one."""
        number = self._store.tenant_id(tenant)
        return None if number is None else Principal(client_id, number, tenant, frozenset(PERMISSIONS))

    def _unix_now(self) -> int:
        return (self._store.clock() - ticks.UNIX_EPOCH) // ticks.PER_SECOND
