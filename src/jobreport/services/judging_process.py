"""Judges many series in a separate process, so that requests do not have to share the processor's time with it.

It goes behind whoever asks, and after each transaction there is a pause, so that fewer requests meet it. Still it gets
its share of a busy machine: what did not run must be noticed there, too.
"""

import gc
import os
import signal
import time
from contextlib import closing
from typing import Final, Protocol

from jobreport.model import ticks
from jobreport.store import open_store
from jobreport.store.admin import leases
from jobreport.threads import never_before_others
from jobreport.watch.judging import look

LEASE: Final = "judging"
LEASE_SECONDS: Final = 60
"""Where a process was killed that judges, another one begins after so long."""
_BEAT: Final = 10
"""Seconds after which the lease is extended."""
_PATIENCE: Final = 5
"""Added to the nice value: whoever asks goes first."""
_PAUSE: Final = 0.5
"""The pause after each transaction, as a share of the time for which it had the processor."""


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
    began = extended = time.monotonic()
    worked = time.process_time()
    with closing(open_store(store_url, create=False, migrate=False, clock=lambda: _later(now, began))) as store:
        try:
            for _ in look(store, now):
                steps.value += 1
                since = time.monotonic() - extended
                if since > LEASE_SECONDS:
                    break
                if since > _BEAT:
                    leases.extend(store, LEASE, LEASE_SECONDS)
                    extended = time.monotonic()
                time.sleep(_PAUSE * (time.process_time() - worked))
                worked = time.process_time()
        finally:
            if time.monotonic() - extended <= LEASE_SECONDS:
                leases.release(store, LEASE)


def _later(now: int, began: float) -> int:
    return now + int((time.monotonic() - began) * ticks.PER_SECOND)
