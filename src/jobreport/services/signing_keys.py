"""Replaces the signing key of tokens when it is too old, and reloads the keys, which other processes may change."""

from typing import Final

import structlog

from jobreport.identity.oauth.tokens import Tokens
from jobreport.services.periodic import Periodic

EVERY_SECONDS: Final = 10
"""A process notices within this time, in seconds, that another process has created or withdrawn a key."""

_log = structlog.get_logger()


def signing_keys(tokens: Tokens, max_age: int) -> Periodic:
    """Returns the service. It replaces the signing key when it is older than `max_age` ticks (0: never)."""

    def look() -> None:
        if rotated := tokens.rotate_if_due(max_age):
            _log.info("signing key rotated", kid=rotated, reason="age")

    return Periodic("signing keys not looked after", EVERY_SECONDS, look)
