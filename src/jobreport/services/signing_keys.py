"""Replaces the signing key of tokens when it is old, and takes over what other processes did to the keys."""

from typing import Final

import structlog

from jobreport.identity.oauth.tokens import Tokens
from jobreport.services.periodic import Periodic

EVERY_SECONDS: Final = 10
"""How long a process may not know of a key that another one made or withdrew."""

_log = structlog.get_logger()


def signing_keys(tokens: Tokens, max_age: int) -> Periodic:
    """No key that signs gets older than `max_age` ticks (0: any age)."""

    def look() -> None:
        if rotated := tokens.rotate_if_due(max_age):
            _log.info("signing key rotated", kid=rotated, reason="age")

    return Periodic("signing keys not looked after", EVERY_SECONDS, look)
