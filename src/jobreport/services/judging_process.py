"""Judges very many series in a process of its own, so that requests do not share a processor's turn with it."""

import os
import signal
import time
from contextlib import closing
from typing import Final

from jobreport.model import ticks
from jobreport.store import open_store
from jobreport.store.admin import leases
from jobreport.watch.judging import look

LEASE: Final = "judging"
LEASE_SECONDS: Final = 60
"""Where a process was killed that judges, another one begins after so long."""
_BEAT: Final = 10
"""Seconds after which the lease is extended."""
_PATIENCE: Final = 5
"""Added to the nice value: who asks goes first."""


def judge(store_url: str, now: int) -> None:
    """Judges all that is due at `now` (ticks), the time that it is. The lease must be held; it is released."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # meant for the server, which then ends this process
    if hasattr(os, "nice"):
        os.nice(_PATIENCE)
    began = extended = time.monotonic()
    with closing(open_store(store_url, create=False, migrate=False, clock=lambda: _later(now, began))) as store:
        try:
            for _ in look(store, now):
                if time.monotonic() - extended > _BEAT:
                    leases.extend(store, LEASE, LEASE_SECONDS)
                    extended = time.monotonic()
        finally:
            leases.release(store, LEASE)


def _later(now: int, began: float) -> int:
    return now + int((time.monotonic() - began) * ticks.PER_SECOND)
