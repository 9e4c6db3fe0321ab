"""The proof, kept inside the encrypted signing keys, that the store's audit log has been sealed before.

Somebody who can change the database could delete every seal of the audit log, and the log would look like one that was
never sealed. The marker tells the two apart: it is encrypted together with each signing key, so without the secret key
nobody can remove it or write one. Keys that are not encrypted have no marker.
"""

import json
from typing import Any, Final

import msgspec

from jobreport.identity.keys.encryption import SecretKey, decrypted, is_encrypted

_MEMBER: Final = "sealed"
"""The name of the marker among the members of the stored JWK. It is never published."""


class SealMarker(msgspec.Struct, frozen=True):
    """When the audit log was first sealed with a marker (`since`, ticks), and how many entries it had then.

    Those entries were trusted as they were: nothing proves what happened to them before.
    """

    since: int
    entries: int


def split(text: str, secret: SecretKey | None) -> tuple[dict[str, Any], SealMarker | None]:
    """The JWK and the marker in the text of a stored key. SecretKeyError as `decrypted`; ValueError for other text."""
    jwk = json.loads(decrypted(text, secret))
    found = jwk.pop(_MEMBER, None)
    if not found or not is_encrypted(text):
        return jwk, None
    return jwk, SealMarker(int(found["since"]), int(found["entries"]))


def join(jwk: dict[str, Any], secret: SecretKey | None, marker: SealMarker | None) -> str:
    """The text of a stored key: encrypted, and with the marker, where there is a secret key."""
    if secret is None:
        return json.dumps(jwk)
    return secret.encrypt(json.dumps({**jwk, _MEMBER: msgspec.structs.asdict(marker)} if marker else jwk))
