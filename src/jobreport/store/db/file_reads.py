"""Reads a store in a file on one connection that stays open, and notices if anybody has written since the last read.

Caches use this: their content is right until somebody writes to the file. SQLite's `PRAGMA data_version` changes with
every write, by any process.
"""

import sqlite3
from collections.abc import Callable
from typing import Final, TypeVar

from sqlalchemy import Connection, Engine

from jobreport.store.db import engine as engines
from jobreport.store.db.sqlite import driver_of

FileReadError: Final = sqlite3.Error
"""Raised by a read if the file is locked or damaged. The caller then reads in the ordinary way, which waits, or raises
an error that says what is wrong."""

T = TypeVar("T")


class SnapshotReader:
    """Does one read after another, each in its own snapshot. Not safe to share between threads.

    `on_write` is called at the start of a read if somebody has written since the last read. `waits`: a read waits while
    somebody has locked the whole file, as a restore does.

    Raises StoreUnavailableError if the file cannot be opened.
    """

    def __init__(self, engine: Engine, on_write: Callable[[], None], *, waits: bool) -> None:
        with engines.translated(engine):
            self._connection = engine.connect()
        self._driver, self._on_write = driver_of(self._connection), on_write
        self._version = -1
        if not waits:
            self._driver.execute("PRAGMA busy_timeout = 0")

    def read(self, work: Callable[[Connection], T]) -> T:
        """Calls `work` and returns its result. All its statements see one snapshot.

        Raises FileReadError, and the errors of `work`.
        """
        self._driver.execute("BEGIN")
        try:
            # This is the first read of the transaction, so the snapshot begins here.
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
