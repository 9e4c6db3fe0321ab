"""Calls a dead-man's switch elsewhere while this service works. If the calls stop, somebody there is alerted.

No call is made if one of the services that judge and deliver has not finished for some time, or if messages cannot be
delivered: then nobody else would notice.
"""

import time
from collections.abc import Callable, Generator
from typing import Final

import structlog
from anyio import CapacityLimiter
from msgspec.structs import replace

from jobreport.model import ticks
from jobreport.services.periodic import Periodic
from jobreport.store import Store
from jobreport.store.watch import deliveries
from jobreport.watch.channels.base import UndeliveredError
from jobreport.watch.delivery.deadman import DeadMan

PATIENCE: Final = 10
"""A service that has not done its work for so many of its intervals does not work."""
LEAST_SECONDS: Final = 120
"""And for at least so long."""
WAIT_SECONDS: Final = 3600
"""A message that waits for longer than this does not get through."""

_log = structlog.get_logger()


class Alive:
    """Knows when services last did their work. `clock` gives seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._every: dict[str, float] = {}
        self._done: dict[str, float] = {}

    def watched(self, one: Periodic) -> Periodic:
        """Returns a service whose work is noted each time that it is done."""
        self._every[one.name], self._done[one.name] = one.every, self._clock()

        def work() -> Generator[None, None, None] | None:
            steps = one.work()
            if steps is None:
                self._note(one.name)
                return None
            return self._noted(one.name, steps)

        return replace(one, work=work)

    def stopped(self) -> list[str]:
        """Returns the services that do not work."""
        now = self._clock()
        return [
            name for name, every in self._every.items() if now - self._done[name] > max(LEAST_SECONDS, PATIENCE * every)
        ]

    def pings(self, store: Store, deadman: DeadMan | None) -> tuple[Periodic, ...]:
        """Returns the service that tells the switch; none if there is no switch."""
        if deadman is None:
            return ()
        logged = ""

        def look() -> None:
            nonlocal logged
            reason = "; ".join(self.stopped()) or _kept_back(store)
            if not reason:
                try:
                    deadman.ping()
                except UndeliveredError as error:
                    reason = error.why
            if reason != logged:
                logged = reason
                _log.warning("dead-man's switch", reason=reason or "it is told again")

        return (Periodic("dead-man's switch not told", deadman.every, look, threads=CapacityLimiter(1)),)

    def _note(self, name: str) -> None:
        self._done[name] = self._clock()

    def _noted(self, name: str, steps: Generator[None, None, None]) -> Generator[None, None, None]:
        try:
            for _ in steps:
                self._note(name)
                yield
            self._note(name)
        finally:
            steps.close()


def _kept_back(store: Store) -> str:
    """Returns in words what does not get through; empty: nothing waits for long."""
    with store.reading() as transaction:
        backlog = deliveries.backlog(transaction)
    before = store.clock() - WAIT_SECONDS * ticks.PER_SECOND
    stuck = [name for name, one in backlog.items() if one.failed or 0 < one.oldest < before]
    return f"messages do not get through by {', '.join(stuck)}" if stuck else ""
