"""A short read of a shared store in, its answer out: on a connection that stays open for the next one.

To take a connection from the pool, to ask it whether it still stands, and to give it back takes as many round trips as
a short read itself. So a few are kept ready, and a read whose connection turns out to be gone is asked once more.
"""

from collections import deque
from collections.abc import Callable
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, Engine

from jobreport.store.db import engine as engines
from jobreport.store.db.errors import StoreUnavailableError

KEPT: Final = 4
"""Connections that a process keeps ready for short reads, besides those of its pool."""
_PLANNED_ONCE: Final = (
    "SELECT set_config('plan_cache_mode', 'force_generic_plan', false) "
    "WHERE NOT EXISTS (SELECT FROM pg_extension WHERE extname = 'citus')"
)
"""A short read says itself which index it walks. To plan it anew with its values may take longer than to run it, and
what comes of it is at best the same. Not so on a cluster, which must know the tenant to tell the node."""
_PLANNED_AS_ELSEWHERE: Final = "RESET plan_cache_mode"

T = TypeVar("T")


class Kept:
    """The connections of one process for short reads of PostgreSQL. Safe between threads."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._ready: deque[Connection] = deque()
        self._closed = False

    def ask(self, work: Callable[[Connection], T], *, snapshot: bool) -> T:
        """What `work` reads; by one moment's state if it is to be a `snapshot`, which one statement always is.

        StoreUnavailableError where the database cannot answer.
        """
        while True:
            try:
                connection, fresh = self._ready.pop(), False
            except IndexError:
                connection, fresh = self._open(), True
            try:
                with engines.translated(self._engine):
                    answer = _in_snapshot(connection, work) if snapshot else work(connection)
            except StoreUnavailableError:
                gone = _driver(connection).closed
                self._end(connection)
                if fresh or not gone:
                    raise
                # The others were opened to the same server, which has been away: each is found out in the same way.
            except BaseException:
                self._end(connection)
                raise
            else:
                self._give_back(connection)
                return answer

    def close(self) -> None:
        """Ends the connections that nobody uses; those that are in use end after it."""
        self._closed = True
        while self._ready:
            self._end(self._ready.pop())

    def _open(self) -> Connection:
        with engines.translated(self._engine):
            connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            _driver(connection).execute(_PLANNED_ONCE)
            return connection

    def _give_back(self, connection: Connection) -> None:
        if self._closed or len(self._ready) >= KEPT:
            self._end(connection)
        else:
            self._ready.append(connection)

    def _end(self, connection: Connection) -> None:
        """Back to the pool, as it came from there; or away, where it is no good any more."""
        driver = _driver(connection)
        try:
            driver.rollback()
            driver.execute(_PLANNED_AS_ELSEWHERE)
        except self._engine.dialect.loaded_dbapi.Error:
            connection.invalidate()
        with engines.translated(self._engine):
            connection.close()


def _in_snapshot(connection: Connection, work: Callable[[Connection], T]) -> T:
    driver = _driver(connection)
    # Within a pipeline, nobody waits for the answer to a BEGIN before the first question.
    with driver.pipeline():
        driver.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        answer = work(connection)
        driver.execute("COMMIT")
    return answer


def _driver(connection: Connection) -> Any:
    """psycopg's connection, which may not be installed where the store is a file."""
    return connection.connection.driver_connection
