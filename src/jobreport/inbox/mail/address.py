"""Reads from the address of a mail for which inbox it is. Pure.

The address contains the secret of an inbox, or a ping key and a slug, or only a slug. It stands before the @, or after
a +, as many mail servers allow: `UUID@…`, `backup+UUID@…`, `KEY.SLUG@…`.
"""

import re
import uuid
from collections.abc import Iterable
from typing import Final

from jobreport.inbox.pings.ping import Target

_UUID: Final = re.compile(r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}", re.ASCII | re.IGNORECASE)
_BELOW_KEY: Final = re.compile(r"([A-Za-z0-9_-]{16,64})\.([A-Za-z0-9_-]{1,100})", re.ASCII)
_SLUG: Final = re.compile(r"[a-z0-9_-]{1,100}", re.ASCII)


def target(recipient: str) -> Target | None:
    """Returns whom an address is for, if it holds a secret; None if it holds none."""
    word = _word(recipient)
    if _UUID.fullmatch(word):
        return Target(str(uuid.UUID(word)))
    below = _BELOW_KEY.fullmatch(word)
    return Target(below[1], below[2].lower()) if below else None


def slug(recipient: str) -> str:
    """Returns the slug that an address names; empty if it can name none."""
    word = _word(recipient).lower()
    return word if _SLUG.fullmatch(word) else ""


def without_secrets(content: bytes, recipients: Iterable[str]) -> bytes:
    """Returns the bytes of a mail without the secrets by which it came, wherever they have one in plain text, with the
    dashes of a UUID or without.
    """
    secrets = {word for one in recipients if (found := target(one)) for word in _spellings(found.secret)}
    if not secrets:
        return content
    words = b"|".join(re.escape(word.encode()) for word in sorted(secrets))
    return re.sub(words, b"***", content, flags=re.IGNORECASE)


def _spellings(secret: str) -> set[str]:
    return {str(uuid.UUID(secret)), uuid.UUID(secret).hex} if _UUID.fullmatch(secret) else {secret}


def _word(recipient: str) -> str:
    local = recipient.strip("<> \t").rpartition("@")[0] or recipient.strip("<> \t")
    return local.strip('"').rpartition("+")[2]
