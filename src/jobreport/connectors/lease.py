"""The lease on a connector for one pass: of all processes on all machines, only its holder reads the connector.

A thread renews the lease as long as the process lives. If the process is killed, or stands still for too long, the
lease ends and another pass begins; a process that then goes on cannot store anything.
"""

import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import msgspec

from jobreport.model import ticks
from jobreport.model.streams import StreamState
from jobreport.model.write_result import WriteResult
from jobreport.store import Store, StoreError
from jobreport.store.db import locks
from jobreport.store.jobs.collected import Read, store_read
from jobreport.store.registry import connectors
from jobreport.store.registry.connectors import Key, TakenOverError

SECONDS: Final = 60
"""A pass that gives no sign of life for so long may be taken over."""
_BEAT: Final = 15


class AlreadyReadError(Exception):
    """Raised if another process reads the connector now. The message says which connector."""


class Lease:
    """The lease of this pass. `reading` is the stream that it reads now. Each renewal notes that this stream was tried:
    if the pass is ended there because it takes too long, the next pass begins with another stream.
    """

    def __init__(self, store: Store, key: Key, holder: str) -> None:
        self.store, self.key, self.holder = store, key, holder
        self.reading: StreamState | None = None

    def save(self, read: Read) -> tuple[WriteResult, StreamState]:
        """Stores what was read, and returns the result and the state of the stream as it is now.

        Raises StoreError; TakenOverError if another pass holds the connector by now.
        """
        now = self.store.clock()
        with self.store.writing() as transaction:
            done = store_read(transaction, self.key, self.holder, _until(now), read, now)
        jobs = read.state.jobs + done.created + done.updated
        return done, msgspec.structs.replace(read.state, jobs=jobs)

    def renew(self) -> None:
        """Renews the lease. Raises StoreError as `save` does."""
        with self.store.writing() as transaction:
            connectors.require(transaction, self.key, self.holder, _until(self.store.clock()))
        if reading := self.reading:
            # By itself: whoever holds up the tenant's writes must not hold up the sign of life.
            with self.store.writing() as transaction:
                locks.lock(transaction, self.key.tenant)
                connectors.note_tried(transaction, self.key, reading)


def claim(store: Store, key: Key, kind: str, every: int) -> str | None:
    """Takes the lease for a pass that is about to begin, and returns its token; None if another process reads the
    connector now.
    """
    holder, now = secrets.token_hex(8), store.clock()
    with store.writing() as transaction:
        return holder if connectors.claim(transaction, key, kind, every, holder, now, _until(now)) else None


@contextmanager
def hold(store: Store, key: Key, kind: str, every: int, holder: str | None = None) -> Iterator[Lease]:
    """Holds the lease during a pass; `holder` is its token, if `claim` has already taken it.

    Raises AlreadyReadError if another process reads it now.
    """
    if (word := holder or claim(store, key, kind, every)) is None:
        raise AlreadyReadError(f"another process reads the connector {key.connector} now")
    lease = Lease(store, key, word)
    ended = threading.Event()
    beat = threading.Thread(target=_renew, args=(lease, ended), daemon=True)
    beat.start()
    try:
        yield lease
    finally:
        ended.set()
        beat.join()


def _renew(lease: Lease, ended: threading.Event) -> None:
    while not ended.wait(_BEAT):
        try:
            lease.renew()
        except TakenOverError:
            return
        except StoreError:  # the pass itself finds out
            continue


def _until(now: int) -> int:
    return now + SECONDS * ticks.PER_SECOND
