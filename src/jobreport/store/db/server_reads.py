"""Short reads from a server: connections of the pool set up for them, and a snapshot without a round trip of its own.

`store.cache.connections` keeps such connections open from one read to the next.
"""

from collections.abc import Callable
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, Engine

from jobreport.store.db import engine as engines

_GENERIC_PLANS: Final = (
    "SELECT set_config('plan_cache_mode', 'force_generic_plan', false) "
    "WHERE NOT EXISTS (SELECT FROM pg_extension WHERE extname = 'citus')"
)
"""The statement of a short read already says which index to use. To plan it again for each value may take longer than
to run it, and gives the same plan. Not on a Citus cluster: it must know the tenant to choose the node."""
_ORDINARY_PLANS: Final = "RESET plan_cache_mode"

T = TypeVar("T")


def connect(engine: Engine) -> Connection:
    """A connection of the pool, set up for short reads. StoreUnavailableError where there is none."""
    with engines.translated(engine):
        connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        _driver(connection).execute(_GENERIC_PLANS)
        return connection


def read(connection: Connection, work: Callable[[Connection], T], *, snapshot: bool) -> T:
    """The result of `work`. Raises StoreUnavailableError, and what `work` raises.

    `snapshot`: all its statements see the same moment. A single statement always does, and needs none.
    """
    with engines.translated(connection.engine):
        if not snapshot:
            return work(connection)
        driver = _driver(connection)
        # In a pipeline the client does not wait for the answer to BEGIN before it sends the first statement.
        with driver.pipeline():
            driver.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            result = work(connection)
            driver.execute("COMMIT")
        return result


def is_closed(connection: Connection) -> bool:
    """Whether the connection turned out to be broken."""
    return bool(_driver(connection).closed)


def give_back(connection: Connection) -> None:
    """Returns it to the pool as it came from there, or closes it where it is broken."""
    driver = _driver(connection)
    try:
        driver.rollback()
        driver.execute(_ORDINARY_PLANS)
    except connection.engine.dialect.loaded_dbapi.Error:
        connection.invalidate()
    with engines.translated(connection.engine):
        connection.close()


def _driver(connection: Connection) -> Any:
    """The driver's connection (psycopg, which is not installed where the store is a file)."""
    return connection.connection.driver_connection
