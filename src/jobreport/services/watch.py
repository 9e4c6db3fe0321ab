"""The watch: judges a series when one of its jobs has changed, or when a deadline has passed.

A few series are judged in this process, beside the requests. Many, as when all plans are due at the same time of night,
are judged by a process of their own, since otherwise each request would have to wait.
"""

import multiprocessing
import time
from collections.abc import Generator
from multiprocessing.context import SpawnProcess
from typing import Final

import structlog

from jobreport.model import ticks
from jobreport.services.judging_process import LEASE, LEASE_SECONDS, Steps, judge
from jobreport.services.periodic import Periodic
from jobreport.store import HEARTBEAT_SECONDS, Store
from jobreport.store.admin import leases
from jobreport.store.jobs.stalled import heartbeat, was_away
from jobreport.watch.judging import is_more_due, look

EVERY_SECONDS: Final = 5
MANY: Final = 2_000
"""More series than this are judged in a process of its own."""
STUCK_SECONDS: Final = 120
"""A process that judges and makes no step for so long is ended, and this one judges itself."""
_SPAWN: Final = multiprocessing.get_context("spawn")
_TOLERANCE: Final = 3 * HEARTBEAT_SECONDS * ticks.PER_SECOND
_STOP_SECONDS: Final = 5
"""How long a process that judges may take to end, when the server stops."""

_log = structlog.get_logger()


class Watch:
    """The watch of a server process. Several may watch at once: a series is kept by the one that is first. `store_url`
    is the store's address for the process that judges many.
    """

    def __init__(self, store: Store, store_url: str) -> None:
        self._store, self._store_url = store, store_url
        self._child: SpawnProcess | None = None
        self._steps: Steps = _SPAWN.Value("Q", 0, lock=False)
        self._seen = (0, 0.0)  # how many steps the process had made when that changed last, and when that was

    def service(self) -> Periodic:
        """Returns the service."""
        return Periodic("series not judged", EVERY_SECONDS, self.look, self.stop)

    def look(self) -> Generator[None, None, None]:
        """Judges what is due, a transaction a step."""
        now = self._store.clock()
        # First, since after a time without a service nothing may be judged before that is noted.
        with self._store.reading() as transaction:
            away = was_away(transaction, now, _TOLERANCE)
        if away:
            with self._store.writing() as transaction:
                heartbeat(transaction, now, _TOLERANCE)
        if self._is_judged_apart(now):
            return
        for _ in look(self._store, now):
            yield

    def stop(self) -> None:
        """Ends the process that judges, if there is one. What it has judged is kept."""
        if self._child is not None and self._child.is_alive():
            self._child.terminate()
            self._child.join(_STOP_SECONDS)
            if self._child.is_alive():
                self._child.kill()  # it is stopped, or waits for what does not come
                self._child.join(_STOP_SECONDS)
            leases.release(self._store, LEASE)

    def _is_judged_apart(self, now: int) -> bool:
        """Whether a process of its own judges what is due; where there is much, it is started now."""
        if self._child is not None:
            if self._child.is_alive():
                if self._goes_on():
                    return True
                self._child.kill()
                self._child.join(_STOP_SECONDS)
            failed, self._child = self._child.exitcode, None
            if failed:
                # Then it is done here, however long that takes.
                _log.warning("series not judged apart", exit=failed)
                leases.release(self._store, LEASE)
                return False
        with self._store.reading() as transaction:
            if not is_more_due(transaction, now, MANY):
                return False
        if leases.acquire(self._store, LEASE, LEASE_SECONDS):
            self._steps.value, self._seen = 0, (0, time.monotonic())
            self._child = _SPAWN.Process(target=judge, args=(self._store_url, now, self._steps), daemon=True)
            self._child.start()
        return True

    def _goes_on(self) -> bool:
        """Whether the process has made a step lately: one that hangs would keep all from being judged, for ever."""
        made = self._steps.value
        if made != self._seen[0]:
            self._seen = made, time.monotonic()
        return time.monotonic() - self._seen[1] < STUCK_SECONDS
