"""Short reads from PostgreSQL: on connections that are set up for them, with as few round trips as possible.

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
"""Makes the server plan a statement once, not again for each value. The statement of a short read already says which
index to use, so the plan would be the same, and planning may take longer than reading. This is not done on a Citus
cluster, which must know the tenant to choose the node."""
_ORDINARY_PLANS: Final = "RESET plan_cache_mode"

T = TypeVar("T")


def connect(engine: Engine) -> Connection:
    """Takes a connection from the pool and sets it up for short reads.

    Raises StoreUnavailableError if no connection can be had.
    """
    with engines.translated(engine):
        connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        _driver(connection).execute(_GENERIC_PLANS)
        return connection


def read(connection: Connection, work: Callable[[Connection], T], *, snapshot: bool) -> T:
    """Calls `work` and returns its result. Raises StoreUnavailableError, and the errors of `work`.

    `snapshot`: all its statements see one snapshot. A single statement does not need this.
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
    """Whether the connection was found to be broken."""
    return bool(_driver(connection).closed)


def give_back(connection: Connection) -> None:
    """Resets the connection and returns it to the pool; a broken connection is closed."""
    driver = _driver(connection)
    try:
        driver.rollback()
        driver.execute(_ORDINARY_PLANS)
    except connection.engine.dialect.loaded_dbapi.Error:
        connection.invalidate()
    with engines.translated(connection.engine):
        connection.close()


def _driver(connection: Connection) -> Any:
    """Returns the driver's connection. Its type is Any, since psycopg need not be installed for a store in a file."""
    return connection.connection.driver_connection
