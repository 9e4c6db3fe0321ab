"""How many requests an app may send, where that is bounded, and the header fields that say how many are left."""

import math
import time
from collections.abc import Callable
from typing import Final

import msgspec

from jobreport.server.problem import ProblemError

_MAX_KEPT: Final = 10_000
"""Apps; those that have not asked for a while are forgotten first."""


class RateLimit(msgspec.Struct, frozen=True):
    """`requests` in any `seconds`."""

    requests: int
    seconds: int


class Rates:
    """The requests of each app, counted by this process alone. For one thread only.

    The generic cell rate algorithm: one time for each app, until when its requests have used up what was allowed.
    """

    def __init__(self, limit: RateLimit, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit, self._clock = limit, clock
        self._each = limit.seconds / limit.requests
        self._used: dict[str, float] = {}
        self._policy = f'"app";q={limit.requests};w={limit.seconds}'

    def take(self, client_id: str) -> dict[str, str]:
        """Header fields that say what is left (draft-ietf-httpapi-ratelimit-headers); ProblemError 429 for nothing."""
        now = self._clock()
        used = max(now, self._used.get(client_id, now))
        wait = used + self._each - self._limit.seconds - now
        if wait > 1e-9:
            seconds = max(1, math.ceil(wait))
            raise ProblemError(
                429,
                f"This app may send {_of(self._limit.requests, 'request')} in {_of(self._limit.seconds, 'second')}.",
                headers={"Retry-After": str(seconds), **self._fields(0, seconds)},
            )
        if len(self._used) >= _MAX_KEPT:
            self._used = {name: until for name, until in self._used.items() if until > now}
        self._used[client_id] = used = used + self._each
        return self._fields(int((self._limit.seconds - (used - now)) / self._each + 1e-9), math.ceil(used - now))

    def _fields(self, left: int, seconds: int) -> dict[str, str]:
        return {"RateLimit-Policy": self._policy, "RateLimit": f'"app";r={left};t={seconds}'}


def _of(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
