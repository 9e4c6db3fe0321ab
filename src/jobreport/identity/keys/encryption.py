"""Encrypts the signing keys in the store with the operator's secret key, and decrypts them.

An encrypted text is a JWE (RFC 7516) with AES-256-GCM, under a key that is derived from the secret key (HKDF).
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

from jobreport.identity.keys import small_texts

SECRET_BYTES: Final = 32
_ALGORITHMS: Final = ["dir", "A256GCM"]
_PURPOSE: Final = b"jobreport signing keys 1"


class SecretKeyError(Exception):
    """Raised if a secret key is malformed, missing or wrong. The message says what to do, and contains no secret."""


def new_secret() -> str:
    """Returns a new secret key: 32 random bytes in base 64."""
    return urlsafe_b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


class SecretKey:
    """The operator's secret key. It encrypts and decrypts texts, and is never shown."""

    def __init__(self, secret: str) -> None:
        """Takes `secret`: 32 bytes in base 64, in the standard or the URL-safe alphabet.

        Raises SecretKeyError for anything else, such as a password.
        """
        key = _decoded(secret.strip())
        if len(key) != SECRET_BYTES:
            raise SecretKeyError(
                f"the secret key must be {SECRET_BYTES} random bytes in base 64: make one by `jobreport key secret`"
            )
        # The key is derived for this one purpose, so that the secret can be used for another purpose later.
        derived = HKDF(SHA256(), SECRET_BYTES, salt=None, info=_PURPOSE).derive(key)
        self._key = OctKey.import_key(derived)
        self._secret = urlsafe_b64encode(key).decode()
        self.name = hashlib.sha256(derived).hexdigest()[:16]
        """An ID of the secret key, from which nobody can find the key."""

    def __repr__(self) -> str:
        return f"SecretKey({self.name})"

    def seal(self, purpose: str, plain: bytes) -> bytes:
        """Returns `plain` encrypted for this purpose, under a key of the purpose's own."""
        return small_texts.encrypt(self._secret, purpose, plain)

    def unseal(self, purpose: str, sealed: bytes) -> bytes:
        """Returns what was sealed for this purpose. Raises SecretKeyError if it was not, or with another secret key."""
        plain = small_texts.decrypt(self._secret, purpose, sealed)
        if plain is None:
            raise SecretKeyError("it was encrypted with another secret key than the one that is set")
        return plain

    def encrypt(self, text: str) -> str:
        """Returns the encrypted text. It is different each time."""
        header = {"alg": "dir", "enc": "A256GCM", "kid": self.name}
        return jwe.encrypt_compact(header, text.encode(), self._key, algorithms=_ALGORITHMS)

    def decrypt(self, encrypted: str) -> str:
        """Returns the decrypted text. Raises SecretKeyError if it was encrypted with another secret key."""
        try:
            return (jwe.decrypt_compact(encrypted, self._key, algorithms=_ALGORITHMS).plaintext or b"").decode()
        except (JoseError, ValueError):
            raise SecretKeyError(
                "JOBREPORT_SECRET_KEY is not the one with which the store's signing keys were encrypted; "
                "set it, or JOBREPORT_SECRET_KEY_FILE, to that one"
            ) from None


def is_encrypted(text: str) -> bool:
    """Whether a text from the store is encrypted. Otherwise it is plain JSON."""
    return not text.startswith("{")


def decrypted(text: str, secret: SecretKey | None) -> str:
    """Returns the plain text of a text that may be encrypted.

    Raises SecretKeyError if it is encrypted and the secret key is missing or wrong.
    """
    if not is_encrypted(text):
        return text
    if secret is None:
        raise SecretKeyError(
            "the store's signing keys are encrypted, and no secret key is set: set JOBREPORT_SECRET_KEY, "
            "or JOBREPORT_SECRET_KEY_FILE, to the one with which they were"
        )
    return secret.decrypt(text)


def _decoded(text: str) -> bytes:
    """Decodes base 64 in either alphabet, with or without padding. Returns no bytes if the text is not base 64."""
    padded = text + "=" * (-len(text) % 4)
    try:
        return urlsafe_b64decode(padded) if {"-", "_"} & set(text) else b64decode(padded, validate=True)
    except ValueError:
        return b""
