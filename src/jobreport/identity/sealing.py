"""The operator's secret key in; texts sealed with it for the store, and opened again, out.

A sealed text is a JWE (RFC 7516), encrypted directly by AES-256-GCM under a key that is derived from the secret.
"""

import hashlib
import secrets
from base64 import b64decode, urlsafe_b64decode, urlsafe_b64encode
from typing import Final

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

SECRET_BYTES: Final = 32
_ALGORITHMS: Final = ["dir", "A256GCM"]
_PURPOSE: Final = b"jobreport signing keys 1"


class SealError(Exception):
    """A secret key that cannot be used, or not for this text; the message says what would be right, and no secret."""


def new_secret() -> str:
    """A secret key: 32 random bytes in base 64."""
    return urlsafe_b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


class Seal:
    """What seals and opens texts with one secret key. It never shows the key."""

    def __init__(self, secret: str) -> None:
        """`secret`: 32 bytes in base 64, of either alphabet. SealError for anything else: no key is made of a word."""
        key = _decoded(secret.strip())
        if len(key) != SECRET_BYTES:
            raise SealError(
                f"JOBREPORT_SECRET_KEY must be {SECRET_BYTES} random bytes in base 64; make one by "
                "`jobreport key secret`, or by `openssl rand -base64 32`"
            )
        derived = HKDF(SHA256(), SECRET_BYTES, salt=None, info=_PURPOSE).derive(key)
        self._key = OctKey.import_key(derived)
        self.name = hashlib.sha256(derived).hexdigest()[:16]
        """Tells one secret key from another, and nothing of either."""

    def __repr__(self) -> str:
        return f"Seal({self.name})"

    def seal(self, text: str) -> str:
        """The text, sealed."""
        header = {"alg": "dir", "enc": "A256GCM", "kid": self.name}
        return jwe.encrypt_compact(header, text.encode(), self._key, algorithms=_ALGORITHMS)

    def open(self, sealed: str) -> str:
        """The text of what was sealed with the same secret key; SealError for what was sealed with another."""
        try:
            found = jwe.decrypt_compact(sealed, self._key, algorithms=_ALGORITHMS).plaintext
        except (JoseError, ValueError):
            raise SealError(
                "JOBREPORT_SECRET_KEY is not the key that the store's signing keys were sealed with, "
                "or they were changed; set the one that they were sealed with"
            ) from None
        return (found or b"").decode()


def is_sealed(text: str) -> bool:
    """Whether a text from the store is sealed, and not JSON as it is."""
    return not text.startswith("{")


def opened(text: str, seal: Seal | None) -> str:
    """The text, sealed or not. SealError where it is sealed and there is no key, or another."""
    if not is_sealed(text):
        return text
    if seal is None:
        raise SealError(
            "the store's signing keys are sealed: set JOBREPORT_SECRET_KEY, or JOBREPORT_SECRET_KEY_FILE, "
            "to the key that they were sealed with"
        )
    return seal.open(text)


def _decoded(text: str) -> bytes:
    """The bytes of base 64, of either alphabet, with its padding or without; none where it is no base 64."""
    padded = text + "=" * (-len(text) % 4)
    try:
        return urlsafe_b64decode(padded) if {"-", "_"} & set(text) else b64decode(padded, validate=True)
    except ValueError:
        return b""
