"""A signing key's text from the store in; the key, and the mark beside it that the store's audit log is sealed, out.

The mark is encrypted with the key, so nobody without the secret key can take it away or put it there. Keys that are
not encrypted carry none.
"""

import json
from typing import Any, Final

import msgspec

from jobreport.identity.keys.encryption import SecretKey, decrypted, is_encrypted

_MEMBER: Final = "sealed"
"""What it is called among the members of the JWK; it is never published."""


class Mark(msgspec.Struct, frozen=True):
    """When the log was first sealed under it (ticks), and how many entries there were then: they were believed."""

    since: int
    entries: int


def parted(text: str, secret: SecretKey | None) -> tuple[dict[str, Any], Mark | None]:
    """The JWK and its mark. SecretKeyError as `decrypted`; ValueError and the like for what is no key."""
    jwk = json.loads(decrypted(text, secret))
    found = jwk.pop(_MEMBER, None)
    if not found or not is_encrypted(text):
        return jwk, None
    return jwk, Mark(int(found["since"]), int(found["entries"]))


def joined(jwk: dict[str, Any], secret: SecretKey | None, mark: Mark | None) -> str:
    """A key as the store keeps it, with the mark where it is encrypted."""
    if secret is None:
        return json.dumps(jwk)
    return secret.encrypt(json.dumps({**jwk, _MEMBER: msgspec.structs.asdict(mark)} if mark else jwk))
