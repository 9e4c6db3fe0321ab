"""Makes and reads skiptokens: cursors, signed for one tenant, so that clients can neither make nor change them.

A token names a position in a list, not the number of a page. The server does not have to remember it, and every process
can read it, as long as the store keeps the signing key from which the token's key was derived.
"""

import hashlib
import hmac
from typing import Final

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from joserfc.jwk import RSAKey

from jobreport.contract.cursors import Cursor, InvalidSkipTokenError, bytes_of, packed, text_of, unpacked
from jobreport.identity.oauth.tokens import Tokens

_PURPOSE: Final = b"jobreport skiptoken 1"
_KEY: Final = 32  # bytes
_MAC: Final = 16  # bytes of the SHA-256
_HINT: Final = 4  # bytes that tell which key it is


class SkipTokens:
    """Makes and reads skiptokens, with keys that are derived from the service's signing keys. Thread-safe."""

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens
        self._derived: dict[str, bytes] = {}

    def issue(self, tenant: int, cursor: Cursor) -> str:
        """Returns the token for a cursor. It consists of letters, digits, `-` and `_`."""
        key = self._tokens.signing_keys[0]
        payload = packed(cursor)
        return text_of(_hint(key) + self._mac(key, tenant, payload) + payload)

    def read(self, tenant: int, token: str) -> Cursor:
        """Returns the cursor in a token. Raises InvalidSkipTokenError if the token was not issued for this tenant."""
        sealed = bytes_of(token)
        hint, mac, payload = sealed[:_HINT], sealed[_HINT : _HINT + _MAC], sealed[_HINT + _MAC :]
        for key in self._tokens.signing_keys:
            if hint == _hint(key) and hmac.compare_digest(mac, self._mac(key, tenant, payload)):
                return unpacked(payload)
        raise InvalidSkipTokenError

    def knows(self, token: str) -> bool:
        """Whether this process has the key of the token. True for a text that is no token: no key could help there."""
        try:
            return bytes_of(token)[:_HINT] in map(_hint, self._tokens.signing_keys)
        except InvalidSkipTokenError:
            return True

    def look_again(self) -> None:
        """Reloads the keys from the store, since another process may have created a new key."""
        self._tokens.reload()

    def _mac(self, key: RSAKey, tenant: int, payload: bytes) -> bytes:
        name = str(key.kid)
        if (derived := self._derived.get(name)) is None:
            private = str(key.as_dict(private=True)["d"]).encode()
            derived = self._derived[name] = HKDF(SHA256(), _KEY, salt=None, info=_PURPOSE).derive(private)
        return hmac.digest(derived, tenant.to_bytes(8, "big") + payload, "sha256")[:_MAC]


def _hint(key: RSAKey) -> bytes:
    return hashlib.sha256(str(key.kid).encode()).digest()[:_HINT]
