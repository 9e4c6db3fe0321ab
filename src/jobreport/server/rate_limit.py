"""Limits how many requests an app may send, or an inbox takes, and makes the header fields that say what is left."""

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


PINGS: Final = RateLimit(300, 60)
"""How many pings an address takes unless it is said."""
KEY_PINGS: Final = 20
"""All addresses below a ping key take so many times as many as one, whether they are there or not."""
ALL_PINGS: Final = 200
"""All addresses together take so many times as many."""


class Rates:
    """Counts the requests of each app, in this process only. To be used in one thread only.

    The generic cell rate algorithm: it keeps one time for each app, at which all of the app's requests are free again.
    `kind` and `says` are what a refusal calls the limit, where it is no app's.
    """

    def __init__(
        self,
        limit: RateLimit,
        clock: Callable[[], float] = time.monotonic,
        *,
        kind: str = "app",
        says: str = "This app may send",
    ) -> None:
        self._limit, self._clock = limit, clock
        self._kind, self._says = kind, says
        self._each = limit.seconds / limit.requests
        self._used: dict[str, float] = {}
        self._policy = f'"{kind}";q={limit.requests};w={limit.seconds}'

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
                f"{self._says} {_of(self._limit.requests, 'request')} in {_of(self._limit.seconds, 'second')}.",
                headers={"Retry-After": str(seconds), **self._fields(0, seconds)},
            )
        if len(self._used) >= _MAX_KEPT:
            self._used = {name: until for name, until in self._used.items() if until > now}
        self._used[client_id] = used = used + self._each
        return self._fields(int((self._limit.seconds - (used - now)) / self._each + 1e-9), math.ceil(used - now))

    def give_back(self, client_id: str) -> None:
        """Takes a request back that was counted."""
        if client_id in self._used:
            self._used[client_id] -= self._each

    def _fields(self, left: int, seconds: int) -> dict[str, str]:
        return {"RateLimit-Policy": self._policy, "RateLimit": f'"{self._kind}";r={left};t={seconds}'}


class PingLimits:
    """The limits of one process for pings: of each address, of all below a ping key, and of all together.

    Pings that were not taken are given back to all together, so that neither strangers nor stalled connections can use
    that up.
    """

    def __init__(self, limit: RateLimit = PINGS, clock: Callable[[], float] = time.monotonic) -> None:
        self._each = Rates(limit, clock, kind="address", says="This address takes")
        below = RateLimit(limit.requests * KEY_PINGS, limit.seconds)
        self._keys = Rates(below, clock, kind="key", says="All addresses below this ping key take")
        whole = RateLimit(limit.requests * ALL_PINGS, limit.seconds)
        self._all = Rates(whole, clock, kind="server", says="All addresses together take")

    def take(self, address: str, key: str = "") -> None:
        """Counts a ping of an address, whether there is such a one or not, below a ping key if it names one. Raises
        ProblemError 429 if none is left.
        """
        self._each.take(address)
        try:
            if key:
                self._keys.take(key)
            self._all.take("")
        except ProblemError:
            self._each.give_back(address)
            raise

    def not_taken(self) -> None:
        """Gives back to all together a ping that was not taken: of an address that there is not, or that was cut off.
        To its address it stays counted.
        """
        self._all.give_back("")


def _of(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
