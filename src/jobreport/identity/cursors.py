"""A question and a place in its answer in; a signed token that names both out; and back, for the same tenant alone.

A token is opaque to clients: they can neither make nor change one. It names a place and not a number, needs no memory
in the server, and is good in each of its processes, as long as the signing key is kept from which its own is derived.
"""

import base64
import binascii
import hashlib
import hmac
from typing import Final

import msgspec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from joserfc.jwk import RSAKey

from jobreport.identity.oauth.tokens import Tokens
from jobreport.model.query import Place

_PURPOSE: Final = b"jobreport skiptoken 1"
_KEY: Final = 32  # bytes
_MAC: Final = 16  # bytes of the SHA-256
_HINT: Final = 4  # bytes that tell which key it is


class InvalidSkipTokenError(ValueError):
    """A token that was not given by this service to this tenant, or whose key is gone."""

    def __init__(self) -> None:
        super().__init__("is none that this service gave for this tenant; leave it out to begin anew")


class Skip(msgspec.Struct, frozen=True, array_like=True):
    """What a token names: the question, by its parameters, and the place after which the next page begins."""

    pairs: tuple[tuple[str, str], ...]
    after: Place


class SkipTokens:
    """Makes and reads tokens by keys that are derived from the service's signing keys. Safe between threads."""

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens
        self._derived: dict[str, bytes] = {}

    def issue(self, tenant: int, skip: Skip) -> str:
        """The token, of letters, digits, `-` and `_`."""
        key = self._tokens.signing_keys[0]
        payload = packed(skip)
        return _text(_hint(key) + self._mac(key, tenant, payload) + payload)

    def read(self, tenant: int, token: str) -> Skip:
        """What the token names; InvalidSkipTokenError where it was not issued for this tenant."""
        sealed = _bytes(token)
        hint, mac, payload = sealed[:_HINT], sealed[_HINT : _HINT + _MAC], sealed[_HINT + _MAC :]
        for key in self._tokens.signing_keys:
            if hint == _hint(key) and hmac.compare_digest(mac, self._mac(key, tenant, payload)):
                return unpacked(payload)
        raise InvalidSkipTokenError

    def knows(self, token: str) -> bool:
        """Whether the key of the token is at hand; of what is no token at all, that does not matter."""
        try:
            return _bytes(token)[:_HINT] in map(_hint, self._tokens.signing_keys)
        except InvalidSkipTokenError:
            return True

    def look_again(self) -> None:
        """Asks the store for the keys: another process may have made a newer one."""
        self._tokens.reload()

    def _mac(self, key: RSAKey, tenant: int, payload: bytes) -> bytes:
        name = str(key.kid)
        if (derived := self._derived.get(name)) is None:
            private = str(key.as_dict(private=True)["d"]).encode()
            derived = self._derived[name] = HKDF(SHA256(), _KEY, salt=None, info=_PURPOSE).derive(private)
        return hmac.digest(derived, tenant.to_bytes(8, "big") + payload, "sha256")[:_MAC]


def plain(skip: Skip) -> str:
    """A token that nobody signed, for whoever may read the store itself."""
    return _text(packed(skip))


def read_plain(token: str) -> Skip:
    """What such a token names; InvalidSkipTokenError where it is none."""
    return unpacked(_bytes(token))


def packed(skip: Skip) -> bytes:
    """The bytes of a token without its signature."""
    return msgspec.msgpack.encode(skip)


def unpacked(payload: bytes) -> Skip:
    """Back again; InvalidSkipTokenError for anything else."""
    try:
        return msgspec.msgpack.decode(payload, type=Skip)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise InvalidSkipTokenError from None


def _hint(key: RSAKey) -> bytes:
    return hashlib.sha256(str(key.kid).encode()).digest()[:_HINT]


def _text(token: bytes) -> str:
    return base64.urlsafe_b64encode(token).rstrip(b"=").decode()


def _bytes(token: str) -> bytes:
    try:
        return base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise InvalidSkipTokenError from None
