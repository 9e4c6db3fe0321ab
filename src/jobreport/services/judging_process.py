"""Judges very many series in a process of its own, so that requests do not share a processor's turn with it."""

import os
import signal
import time
from contextlib import closing
from typing import Final, Protocol

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
    began = extended = time.monotonic()
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
        finally:
            if time.monotonic() - extended <= LEASE_SECONDS:
                leases.release(store, LEASE)


def _later(now: int, began: float) -> int:
    return now + int((time.monotonic() - began) * ticks.PER_SECOND)
