"""Judges many series in a separate process, so that requests do not have to share the processor's time with it.

Half of the work only reads. It is done in a thread that gives way to every other, so that a request never waits for the
processor because of it. The other half holds the lock of the store, and must go on; after each part there is a pause,
so that fewer requests meet it.
"""

import gc
import os
import signal
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Final, Protocol, TypeVar

from jobreport.model import ticks
from jobreport.store import open_store
from jobreport.store.admin import leases
from jobreport.threads import never_before_others, only_when_idle
from jobreport.watch.judging import look

LEASE: Final = "judging"
LEASE_SECONDS: Final = 60
"""Where a process was killed that judges, another one begins after so long."""
_BEAT: Final = 10
"""Seconds after which the lease is extended."""
_PATIENCE: Final = 5
"""Added to the nice value: whoever asks goes first."""
_LATE_SECONDS: Final = 1
"""Reads that are later than this, since they gave way to others, give way no more: the machine is busy for a while."""
_PAUSE: Final = 0.25
"""The pause after each transaction, as a share of the time that it took."""
_LONGEST_PAUSE: Final = 0.25
"""Seconds. A transaction that took longer than a second has mostly waited, or its process was stopped for a time."""

T = TypeVar("T")


class Steps(Protocol):
    """A number that two processes share: how many transactions were made."""

    value: int


def judge(store_url: str, now: int, steps: Steps) -> None:
    """Judges all that is due at `now` (ticks), the time that it is, and counts the `steps`. The lease must be held; it
    is released, unless it has run out, since another process may have it by then.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # meant for the server, which then ends this process
    if hasattr(os, "nice"):
        os.nice(_PATIENCE)
    never_before_others()
    gc.freeze()  # what is loaded stays, and need not be looked at again and again
    began = extended = ended = time.monotonic()
    giving_way = GivingWay()
    with closing(open_store(store_url, create=False, migrate=False, clock=lambda: _later(now, began))) as store:
        try:
            for _ in look(store, now, giving_way):
                steps.value += 1
                since = time.monotonic() - extended
                if since > LEASE_SECONDS:
                    break
                if since > _BEAT:
                    leases.extend(store, LEASE, LEASE_SECONDS)
                    extended = time.monotonic()
                if not giving_way.is_late:
                    time.sleep(min(_LONGEST_PAUSE, _PAUSE * (time.monotonic() - ended)))
                ended = time.monotonic()
        finally:
            if time.monotonic() - extended <= LEASE_SECONDS:
                leases.release(store, LEASE)


class GivingWay:
    """Does work in a thread that has the processor when nobody else wants it. Where it gets less than half of one, and
    is `late` by so many seconds because of that, it is done directly from then on: what did not run must be noticed on
    a busy machine, too.
    """

    def __init__(self, late: float = _LATE_SECONDS) -> None:
        self._most, self._late = late, 0.0
        self._threads = ThreadPoolExecutor(1, "giving way", only_when_idle)

    @property
    def is_late(self) -> bool:
        """Whether the work gives way no more."""
        return self._late > self._most

    def __call__(self, work: Callable[[], T]) -> T:
        """Returns what the work does."""
        if self.is_late:
            return work()
        began = time.monotonic()
        found, worked = self._threads.submit(_timed, work).result()
        self._late = max(0.0, self._late + time.monotonic() - began - 2 * worked)
        return found


def _timed(work: Callable[[], T]) -> tuple[T, float]:
    """Returns what the work does, and for how many seconds that had the processor."""
    began = time.thread_time()
    return work(), time.thread_time() - began


def _later(now: int, began: float) -> int:
    return now + int((time.monotonic() - began) * ticks.PER_SECOND)
