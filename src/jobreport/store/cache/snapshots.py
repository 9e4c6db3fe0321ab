"""A store in a file and a read of it in; what it reads of one moment, on a connection that stays open, out.

What is remembered of a file holds until anybody writes to it. SQLite tells that: `PRAGMA data_version`.
"""

import sqlite3
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection, Engine

from jobreport.store.db import engine as engines

T = TypeVar("T")


class Moments:
    """Reads of one after another. `forget` is called where somebody has written since the last one.

    StoreUnavailableError where the file cannot be opened. `waits`: whether a reader waits for who holds the file for
    long, as a restore does.
    """

    def __init__(self, engine: Engine, forget: Callable[[], None], *, waits: bool) -> None:
        with engines.translated(engine):
            self._connection = engine.connect()
        driver = self._connection.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        self._driver, self._forget = driver, forget
        self._version = -1
        if not waits:
            driver.execute("PRAGMA busy_timeout = 0")

    def read(self, work: Callable[[Connection], T]) -> T:
        """What `work` reads of one moment.

        Raises what the driver raises: who then asks in the ordinary way waits, or is told what is wrong.
        """
        self._driver.execute("BEGIN")
        try:
            # The first to read in the transaction: what it says holds for all that follows.
            (version,) = self._driver.execute("PRAGMA data_version").fetchone()
            if version != self._version:
                self._forget()
                self._version = version
            return work(self._connection)
        finally:
            self._driver.execute("ROLLBACK")

    def close(self) -> None:
        """Gives the connection back."""
        self._connection.invalidate()
        self._connection.close()
