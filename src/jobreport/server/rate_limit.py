"""Limits how many requests an app may send, and makes the header fields that say how many are left."""

import math
import time
from collections.abc import Callable
from typing import Final

import msgspec

from jobreport.server.problem import ProblemError

_MAX_KEPT: Final = 10_000
"""The most apps that are remembered. Those that sent no request for the longest time are forgotten first."""


class RateLimit(msgspec.Struct, frozen=True):
    """At most `requests` in any period of `seconds`."""

    requests: int
    seconds: int


class Rates:
    """Counts the requests of each app, in this process only. To be used in one thread only.

    The generic cell rate algorithm: it keeps one time for each app, at which all of the app's requests are free again.
    """

    def __init__(self, limit: RateLimit, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit, self._clock = limit, clock
        self._each = limit.seconds / limit.requests
        self._used: dict[str, float] = {}
        self._policy = f'"app";q={limit.requests};w={limit.seconds}'

    def take(self, client_id: str) -> dict[str, str]:
        """Counts one request. Returns the header fields that say how many are left
        (draft-ietf-httpapi-ratelimit-headers). Raises ProblemError 429 if none is left.
        """
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
