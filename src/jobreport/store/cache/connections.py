"""Connections to a shared store that stay open, for short reads.

To take a connection from the pool, to test it, and to give it back takes as many round trips as a short read itself. So
a few connections are kept ready without a test. If a connection turns out to be broken, the read is done again on
another.
"""

from collections import deque
from collections.abc import Callable
from typing import Final, TypeVar

from sqlalchemy import Connection, Engine

from jobreport.store.db import server_reads
from jobreport.store.db.errors import StoreUnavailableError

MOST: Final = 4
"""A process keeps at most this many connections ready for short reads, besides those of its pool."""

T = TypeVar("T")


class ReadConnections:
    """The connections of one process for short reads of PostgreSQL. Safe to share between threads."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._ready: deque[Connection] = deque()
        self._closed = False

    def read(self, work: Callable[[Connection], T], *, snapshot: bool) -> T:
        """Calls `work` with a connection and returns its result. It may call `work` more than once.

        `snapshot`: all statements of `work` see one snapshot. A single statement does not need this. Raises
        StoreUnavailableError if the database cannot answer.
        """
        while True:
            try:
                connection, fresh = self._ready.pop(), False
            except IndexError:
                connection, fresh = server_reads.connect(self._engine), True
            try:
                result = server_reads.read(connection, work, snapshot=snapshot)
            except StoreUnavailableError:
                gone = server_reads.is_closed(connection)
                server_reads.give_back(connection)
                if fresh or not gone:
                    raise
                # If the server was restarted, the other connections are broken too; each is noticed here in its turn.
            except BaseException:
                server_reads.give_back(connection)
                raise
            else:
                self._keep(connection)
                return result

    def close(self) -> None:
        """Closes the connections that are not in use. Each of the others is given back after its read."""
        self._closed = True
        while self._ready:
            server_reads.give_back(self._ready.pop())

    def _keep(self, connection: Connection) -> None:
        if self._closed or len(self._ready) >= MOST:
            server_reads.give_back(connection)
        else:
            self._ready.append(connection)
