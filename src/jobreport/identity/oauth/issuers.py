"""Fetches the public keys of an external issuer, caches them, renews them every hour, and verifies with them.

The keys are found by discovery (OpenID Connect Discovery 1.0 §4, RFC 8414 §3.3, RFC 7517). Only the issuer's own
discovery document is trusted, and redirects are not followed.
"""

import threading
from collections.abc import Callable, Sequence
from ssl import SSLContext
from typing import Any, Final

import msgspec
from joserfc.jwk import ECKey, RSAKey

from jobreport.identity.apps.certificates import RSA_BITS
from jobreport.identity.issuer_words import is_safe
from jobreport.identity.oauth import documents, jwts
from jobreport.identity.oauth.documents import IssuerError
from jobreport.identity.oauth.jwts import ClaimError, Claims
from jobreport.model import ticks

FRESH_SECONDS: Final = 3600
"""Cached keys of this age are renewed."""
STALE_SECONDS: Final = 24 * 3600
"""If the issuer cannot be reached, its cached keys are used up to this age. After that its tokens are refused."""
RETRY_SECONDS: Final = 10
"""The shortest time between two requests to an issuer. Many tokens with unknown key IDs cause no more."""
MAX_KEYS: Final = 64
_WELL_KNOWN: Final = "/.well-known/openid-configuration"


class PublishedKey(msgspec.Struct, frozen=True):
    """A published key. `algorithm` is empty if the issuer names none."""

    kid: str
    algorithm: str
    key: RSAKey | ECKey


class Issuer:
    """An external issuer, and what is cached of it: its keys and its discovery document (`tls`: see `documents`).

    Thread-safe; only one thread at a time asks the issuer.
    """

    def __init__(self, name: str, clock: Callable[[], int], tls: SSLContext | None = None) -> None:
        self.name = name
        self.tls = tls
        self._clock = clock
        self._metadata: dict[str, Any] = {}
        self._lock = threading.Lock()
        self._keys: tuple[PublishedKey, ...] = ()
        self._fetched = self._tried = 0
        self._failure = "it was not asked yet"

    def keys(self, kid: str | None, algorithm: str) -> list[RSAKey | ECKey]:
        """Returns the keys that may have signed a token with this key ID and algorithm.

        If it knows no such key, it asks the issuer. Raises IssuerError if the issuer cannot be reached.
        """
        keys = self._matching(kid, algorithm)
        if not keys:
            self.renew()  # or waits for another thread that is doing it
            keys = self._matching(kid, algorithm)
        if not keys and self._failure:
            raise IssuerError(f"the keys of {self.name} cannot be had: {self._failure}")
        return keys

    def metadata(self) -> dict[str, Any]:
        """Returns the discovery document (OpenID Connect Discovery 1.0 §3), not older than the keys.

        Raises IssuerError if it is not cached, and the issuer cannot be reached.
        """
        if self._is_stale() and (reason := self.renew()):
            raise IssuerError(f"{self.name} cannot be asked: {reason}")
        return self._metadata

    def verified_claims(self, token: str, types: Sequence[str]) -> Claims:
        """Returns the claims of a token that this issuer has signed. Its `typ`, if it has one, must be among `types`.

        Raises ClaimError if it has not; IssuerError as `keys` does.
        """
        header, _ = jwts.peek(token)
        if not header:
            raise ClaimError(f"it is no JWT, or is longer than {jwts.MAX_TOKEN // 1024} KiB")
        algorithm, kid = header.get("alg"), header.get("kid")
        if not isinstance(algorithm, str) or algorithm not in jwts.ALGORITHMS:
            raise ClaimError("it is not signed by an algorithm that is taken here")
        if not isinstance(kid, str | None):
            raise ClaimError("its key ID is no text")
        if str(header.get("typ", "JWT")).casefold() not in types:
            raise ClaimError("it is another kind of token")
        keys = self.keys(kid, algorithm)
        if not keys:
            raise ClaimError("it is signed with a key that its issuer does not publish")
        for key in keys:
            claims = jwts.verified_claims(token, key, algorithm)
            if claims is not None:
                return claims
        raise ClaimError("its signature is not its issuer's")

    def is_due(self) -> bool:
        """Whether it is time to renew the keys."""
        return self._clock() - self._fetched >= FRESH_SECONDS * ticks.PER_SECOND and self._may_ask()

    def renew(self) -> str:
        """Fetches the keys. Returns an empty text, or the reason why it failed; then the cached keys stay."""
        with self._lock:
            if not self._may_ask():  # another thread just did
                return self._failure
            self._tried = now = self._clock()
            try:
                self._metadata, self._keys = _fetch(self.name, self.tls)
            except IssuerError as error:
                self._failure = str(error)
            else:
                self._failure, self._fetched = "", now
            return self._failure

    def _is_stale(self) -> bool:
        return self._clock() - self._fetched >= STALE_SECONDS * ticks.PER_SECOND

    def _may_ask(self) -> bool:
        return not 0 <= self._clock() - self._tried < RETRY_SECONDS * ticks.PER_SECOND

    def _matching(self, kid: str | None, algorithm: str) -> list[RSAKey | ECKey]:
        if self._is_stale():
            return []
        return [
            published.key
            for published in self._keys
            if kid in (None, published.kid)
            and published.algorithm in ("", algorithm)
            and jwts.key_kind(published.key) == jwts.ALGORITHMS[algorithm]
        ]


def _fetch(issuer: str, tls: SSLContext | None) -> tuple[dict[str, Any], tuple[PublishedKey, ...]]:
    """Fetches the discovery document and the keys of the issuer. Raises IssuerError if it cannot be reached, or has
    another name.
    """
    document = documents.get(issuer.removesuffix("/") + _WELL_KNOWN, tls)
    if document.get("issuer") != issuer:
        raise IssuerError("its discovery document names another issuer; the two must be the same to the letter")
    place = document.get("jwks_uri")
    if not isinstance(place, str) or not is_safe(place):
        raise IssuerError("its discovery document names no jwks_uri under https")
    published = documents.get(place, tls).get("keys")
    if not isinstance(published, list):
        raise IssuerError("what lies at its jwks_uri is no key set")
    return document, _usable(published[:MAX_KEYS])


def _usable(published: Sequence[object]) -> tuple[PublishedKey, ...]:
    """Returns the keys that can verify signatures. Other keys, and malformed ones, are left out (RFC 7517 §5)."""
    keys = []
    for entry in published:
        if not isinstance(entry, dict) or entry.get("use", "sig") != "sig":
            continue
        # Only the members of the key itself are used. Certificates beside it are not needed: the connection to the
        # issuer already proves that the key is its own.
        parts = {name: entry[name] for name in ("kty", "n", "e", "crv", "x", "y") if name in entry}
        try:
            key = RSAKey.import_key(parts) if parts["kty"] == "RSA" else ECKey.import_key(parts)
        except jwts.MALFORMED:
            continue
        if jwts.key_kind(key) not in jwts.ALGORITHMS.values() or not _is_sound(key):
            continue
        keys.append(PublishedKey(str(entry.get("kid", "")), str(entry.get("alg", "")), key))
    return tuple(keys)


def _is_sound(key: RSAKey | ECKey) -> bool:
    return isinstance(key, ECKey) or RSA_BITS[0] <= key.raw_value.key_size <= RSA_BITS[1]
