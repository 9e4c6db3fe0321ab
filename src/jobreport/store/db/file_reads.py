"""Reads of a store in a file, on one connection that stays open, and notice of every write since the last read.

What is cached of a file is good until anybody writes to it. SQLite tells that a write has happened, by whatever
process: `PRAGMA data_version`.
"""

import sqlite3
from collections.abc import Callable
from typing import Final, TypeVar

from sqlalchemy import Connection, Engine

from jobreport.store.db import engine as engines
from jobreport.store.db.sqlite import driver_of

FileReadError: Final = sqlite3.Error
"""What a read raises where the file is locked or damaged just now; whoever asks in the ordinary way waits, or learns
what is wrong."""

T = TypeVar("T")


class SnapshotReader:
    """Reads one after another, each within a snapshot. Not safe between threads.

    `on_write` is called within a read, before its work, where somebody has written since the read before. `waits`:
    whether a read waits while somebody holds the whole file, as a restore does.

    StoreUnavailableError where the file cannot be opened.
    """

    def __init__(self, engine: Engine, on_write: Callable[[], None], *, waits: bool) -> None:
        with engines.translated(engine):
            self._connection = engine.connect()
        self._driver, self._on_write = driver_of(self._connection), on_write
        self._version = -1
        if not waits:
            self._driver.execute("PRAGMA busy_timeout = 0")

    def read(self, work: Callable[[Connection], T]) -> T:
        """The result of `work`, whose statements all see the same moment. Raises FileReadError and what it raises."""
        self._driver.execute("BEGIN")
        try:
            # The first read of the transaction: what it says is true for all that follow.
            (version,) = self._driver.execute("PRAGMA data_version").fetchone()
            if version != self._version:
                self._on_write()
                self._version = version
            return work(self._connection)
        finally:
            self._driver.execute("ROLLBACK")

    def close(self) -> None:
        """Closes the connection."""
        self._connection.invalidate()
        self._connection.close()
