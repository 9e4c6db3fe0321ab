"""Connections to a shared store that stay open, for short reads.

To take a connection from the pool, to ask it whether it still stands, and to give it back takes as many round trips as
a short read itself. So a few are kept ready, and a read whose connection turns out to be gone is asked once more.
"""

from collections import deque
from collections.abc import Callable
from typing import Final, TypeVar

from sqlalchemy import Connection, Engine

from jobreport.store.db import server_reads
from jobreport.store.db.errors import StoreUnavailableError

MOST: Final = 4
"""Connections that a process keeps ready for short reads, besides those of its pool."""

T = TypeVar("T")


class ReadConnections:
    """The connections of one process for short reads of PostgreSQL. Safe between threads."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._ready: deque[Connection] = deque()
        self._closed = False

    def read(self, work: Callable[[Connection], T], *, snapshot: bool) -> T:
        """What `work` reads; of one moment if it is to be a `snapshot`, which one statement always is.

        StoreUnavailableError where the database cannot answer.
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
                # The others were opened to the same server, which has been away: each is found out in the same way.
            except BaseException:
                server_reads.give_back(connection)
                raise
            else:
                self._keep(connection)
                return result

    def close(self) -> None:
        """Ends the connections that nobody uses; those that are in use end after it."""
        self._closed = True
        while self._ready:
            server_reads.give_back(self._ready.pop())

    def _keep(self, connection: Connection) -> None:
        if self._closed or len(self._ready) >= MOST:
            server_reads.give_back(connection)
        else:
            self._ready.append(connection)
