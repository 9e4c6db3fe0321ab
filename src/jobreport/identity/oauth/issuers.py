"""Fetches the public keys of an external issuer, caches them, and renews them every hour.

The keys are found by discovery (OpenID Connect Discovery 1.0 §4, RFC 8414 §3.3, RFC 7517). Only the issuer's own
discovery document is trusted, and redirects are not followed.
"""

import json
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any, Final

import httpx
import msgspec
from joserfc.jwk import ECKey, RSAKey

from jobreport import __version__
from jobreport.identity.apps.certificates import RSA_BITS
from jobreport.identity.oauth import jwts
from jobreport.identity.oauth.trust import is_safe
from jobreport.model import ticks

FRESH_SECONDS: Final = 3600
"""Cached keys of this age are renewed."""
STALE_SECONDS: Final = 24 * 3600
"""If the issuer cannot be reached, its cached keys are used up to this age. After that its tokens are refused."""
RETRY_SECONDS: Final = 10
"""The shortest time between two requests to an issuer. Many tokens with unknown key IDs cause no more."""
TIMEOUT_SECONDS: Final = 5
MAX_DOCUMENT: Final = 512 * 1024
MAX_KEYS: Final = 64
_WELL_KNOWN: Final = "/.well-known/openid-configuration"


class IssuerError(Exception):
    """Raised if the keys of an issuer cannot be fetched now. The message says why."""


class PublishedKey(msgspec.Struct, frozen=True):
    """A published key. `algorithm` is empty if the issuer names none."""

    kid: str
    algorithm: str
    key: RSAKey | ECKey


class Issuer:
    """An external issuer and its cached keys. Thread-safe; only one thread at a time asks the issuer."""

    def __init__(self, name: str, clock: Callable[[], int]) -> None:
        self.name = name
        self._clock = clock
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
                self._keys = _fetch(self.name)
            except IssuerError as error:
                self._failure = str(error)
            else:
                self._failure, self._fetched = "", now
            return self._failure

    def _may_ask(self) -> bool:
        return not 0 <= self._clock() - self._tried < RETRY_SECONDS * ticks.PER_SECOND

    def _matching(self, kid: str | None, algorithm: str) -> list[RSAKey | ECKey]:
        if self._clock() - self._fetched >= STALE_SECONDS * ticks.PER_SECOND:
            return []
        return [
            published.key
            for published in self._keys
            if kid in (None, published.kid)
            and published.algorithm in ("", algorithm)
            and jwts.key_kind(published.key) == jwts.ALGORITHMS[algorithm]
        ]


def _fetch(issuer: str) -> tuple[PublishedKey, ...]:
    """Fetches the keys that the issuer publishes. Raises IssuerError if it cannot be reached or has another name."""
    # Redirects are not followed: they may lead to a server that the operator does not trust.
    with httpx.Client(timeout=TIMEOUT_SECONDS, headers={"User-Agent": f"jobreport/{__version__}"}) as http:
        document = _get(http, issuer.removesuffix("/") + _WELL_KNOWN)
        if document.get("issuer") != issuer:
            raise IssuerError("its discovery document names another issuer; the two must be the same to the letter")
        place = document.get("jwks_uri")
        if not isinstance(place, str) or not is_safe(place):
            raise IssuerError("its discovery document names no jwks_uri under https")
        published = _get(http, place).get("keys")
    if not isinstance(published, list):
        raise IssuerError("what lies at its jwks_uri is no key set")
    return _usable(published[:MAX_KEYS])


def _get(http: httpx.Client, url: str) -> dict[str, Any]:
    """Fetches the JSON object at `url`. Raises IssuerError if the answer is too large, too slow, or no JSON object."""
    body, give_up = bytearray(), time.monotonic() + 2 * TIMEOUT_SECONDS
    try:
        with http.stream("GET", url, headers={"Accept": "application/json"}) as answer:
            if answer.status_code != httpx.codes.OK:
                raise IssuerError(f"{url} answered {answer.status_code}")
            for part in answer.iter_bytes():
                body += part
                if len(body) > MAX_DOCUMENT or time.monotonic() > give_up:
                    raise IssuerError(f"what {url} answers is too large or too slow")
        document = json.loads(body)
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        raise IssuerError(f"{url} does not answer ({type(error).__name__})") from None
    except (ValueError, RecursionError):
        raise IssuerError(f"{url} answered something that is no JSON") from None
    if not isinstance(document, dict):
        raise IssuerError(f"{url} answered something that is no JSON object")
    return document


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
