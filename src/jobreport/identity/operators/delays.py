"""The delay after failed sign-ins of operators. It doubles with each failure, and nobody can lock out anybody else.

Failures are counted in three ways. Those of one name at one address: from the fourth one on, that name has to wait at
that address, at most 15 minutes. Those of all names at one address: it has to wait at most a minute, since colleagues
may share it. Those of one name at all addresses: nobody has to come back later, but each answer takes up to two seconds
longer, so the owner of the name can always sign in from elsewhere.

A failure is counted before the password is verified, and taken back if it was right. So of a thousand requests that
are sent at once, no more are verified than of a thousand that follow each other.
"""

import math
from typing import Final

import msgspec

from jobreport.identity.oauth.failed_sign_ins import TooManyAttemptsError, attempt_of
from jobreport.model import ticks
from jobreport.store import Store
from jobreport.store.db import locks
from jobreport.store.registry import operators, sign_in_failures
from jobreport.store.registry.sign_in_failures import ANY, Failures, Key

FORGOTTEN: Final = ticks.PER_DAY
"""Failures count for this long after the last one, in ticks."""


class Delay(msgspec.Struct, frozen=True):
    """How the delay grows: `free` failures cost nothing, the next one costs `first` seconds, and each further one twice
    as much as the one before, up to `most` seconds. One failure is forgotten every `forgets` seconds.
    """

    free: int
    first: float
    most: float
    forgets: int

    def left(self, failures: Failures, now: int) -> int:
        """Returns how many failures still count at `now` (ticks)."""
        passed = max(0, now - failures.last) // (self.forgets * ticks.PER_SECOND)
        return max(0, failures.number - passed)

    def seconds(self, failures: int) -> float:
        """Returns the delay after so many failures."""
        beyond = failures - self.free
        return min(self.most, self.first * 2.0 ** min(beyond - 1, 32)) if beyond > 0 else 0.0

    def wait(self, failures: Failures, now: int) -> float:
        """Returns the seconds that are still to be waited at `now` (ticks)."""
        passed = max(0, now - failures.last) / ticks.PER_SECOND
        return max(0.0, self.seconds(self.left(failures, now)) - passed)


PAIR: Final = Delay(free=3, first=1, most=900, forgets=3600)
"""One name at one address."""
ADDRESS: Final = Delay(free=20, first=1, most=60, forgets=60)
"""All names at one address."""
NAME: Final = Delay(free=10, first=0.1, most=2, forgets=60)
"""One name at all addresses: each answer takes so much longer."""
_NONE: Final = Failures(0, 0)


class Delays:
    """The failed sign-ins of a store's operators. Thread-safe."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def begin(self, name: str, address: str | None) -> float:
        """Counts a failure, which `succeeded` takes back. Returns for how many seconds the answer is to be delayed.

        Raises TooManyAttemptsError, and counts nothing, if this name or this address has to wait.
        """
        now = self._store.clock()
        keys, slower = _keys(name, address), 0.0
        with self._store.writing() as transaction:
            locks.lock(transaction, locks.FAILURES)
            found = sign_in_failures.find(transaction, tuple(keys))
            waits = [rule.wait(found[key], now) for key, rule in keys.items() if key in found and rule is not NAME]
            if (wait := max(waits, default=0)) > 0:
                raise TooManyAttemptsError(math.ceil(wait))
            for key, rule in keys.items():
                left = rule.left(found.get(key, _NONE), now)
                sign_in_failures.put(transaction, key, Failures(left + 1, now))
                slower = rule.seconds(left) if rule is NAME else slower
        return slower

    def succeeded(self, name: str, address: str | None) -> None:
        """Takes back the failure that `begin` counted, and those before it of this name at this address."""
        keys = _keys(name, address)
        with self._store.writing() as transaction:
            locks.lock(transaction, locks.FAILURES)
            found = sign_in_failures.find(transaction, tuple(keys))
            for key, rule in keys.items():
                if rule is PAIR:
                    sign_in_failures.forget(transaction, key)
                elif key in found:
                    left = max(0, found[key].number - 1)
                    # As it was before: it had been waited, and a colleague need not wait again.
                    last = found[key].last - math.ceil(rule.seconds(left)) * ticks.PER_SECOND
                    sign_in_failures.put(transaction, key, Failures(left, last))


def _keys(name: str, address: str | None) -> dict[Key, Delay]:
    tried = attempt_of(operators.fold(name), address)
    return {(tried.client, tried.address): PAIR, (ANY, tried.address): ADDRESS, (tried.client, ANY): NAME}
