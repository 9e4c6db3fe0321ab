"""Encrypts small texts with a secret that is not in the store: a browser's cookie, or the secret key (AES-256-GCM).

What is encrypted so may lie in the store, or pass through other hands: without the secret nobody can read or change it.
"""

import secrets
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE: Final = 12  # bytes
_KEY: Final = 32  # bytes


def encrypt(secret: str, purpose: str, plain: bytes) -> bytes:
    """Returns `plain` encrypted. It can be read with the same secret and purpose alone."""
    nonce = secrets.token_bytes(_NONCE)
    return nonce + AESGCM(_key(secret, purpose)).encrypt(nonce, plain, None)


def decrypt(secret: str, purpose: str, encrypted: bytes) -> bytes | None:
    """Returns what was encrypted; None if it was not encrypted with this secret for this purpose."""
    nonce, rest = encrypted[:_NONCE], encrypted[_NONCE:]
    try:
        return AESGCM(_key(secret, purpose)).decrypt(nonce, rest, None)
    except (InvalidTag, ValueError):
        return None


def _key(secret: str, purpose: str) -> bytes:
    # The secret is random and long, so it needs no salt (RFC 5869 §3.1).
    return HKDF(SHA256(), _KEY, None, f"jobreport {purpose}".encode()).derive(secret.encode())
