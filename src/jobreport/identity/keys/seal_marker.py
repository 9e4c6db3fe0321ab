"""The seal marker: a proof, inside the encrypted signing keys, that the store's audit log was sealed before.

Somebody who can change the database could delete all seals of the audit log. Without the marker, the log would then
look as if it had never been sealed. The marker is encrypted together with each signing key, so nobody can remove or
write it without the secret key. Keys that are not encrypted have no marker.
"""

import json
from typing import Any, Final

import msgspec

from jobreport.identity.keys.encryption import SecretKey, decrypted, is_encrypted

_MEMBER: Final = "sealed"
"""The name of the marker in the stored JWK. It is never published."""


class SealMarker(msgspec.Struct, frozen=True):
    """The time when the audit log was first sealed with a marker (`since`, in ticks), and its number of entries then.

    These entries had to be trusted: nothing proves that nobody had changed them before.
    """

    since: int
    entries: int


def split(text: str, secret: SecretKey | None) -> tuple[dict[str, Any], SealMarker | None]:
    """Returns the JWK and the marker in the text of a stored key.

    Raises SecretKeyError if the text cannot be decrypted, ValueError if it is not JSON.
    """
    jwk = json.loads(decrypted(text, secret))
    marker = jwk.pop(_MEMBER, None)
    if not marker or not is_encrypted(text):
        return jwk, None
    return jwk, SealMarker(int(marker["since"]), int(marker["entries"]))


def join(jwk: dict[str, Any], secret: SecretKey | None, marker: SealMarker | None) -> str:
    """Returns the text of a stored key. If there is a secret key, it is encrypted, together with the marker."""
    if secret is None:
        return json.dumps(jwk)
    return secret.encrypt(json.dumps({**jwk, _MEMBER: msgspec.structs.asdict(marker)} if marker else jwk))
