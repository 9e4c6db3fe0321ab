"""A PostgreSQL store's URL in; an engine that gives up in time, and what its faults mean for us, out."""

from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, create_engine

from jobreport.store.db.errors import StoreUnavailableError, UnusableStoreError
from jobreport.store.db.prepared import Parameters, Prepared

CONNECT_SECONDS: Final = 5
"""How long a connection may take until the server counts as unreachable."""
LOCK_SECONDS: Final = 10
"""How long a writer waits for another before it gives up."""
STATEMENT_SECONDS: Final = 60
"""How long a statement may take; migrations and recounts take what they need."""
IDLE_SECONDS: Final = 60
"""How long a transaction may do nothing: one whose process hangs must not keep others from writing."""
POOL: Final = 5
"""Connections that a process keeps."""
MOST: Final = 15
"""Connections that a process opens when it is busy."""

READS: Final[dict[str, Any]] = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
"""A transaction that reads: all of its statements see one moment."""

_UNREACHABLE: Final = "the store's database cannot be reached"
_BUSY: Final = "the store is busy with other writers"
# By SQLSTATE or, below, by the first two characters of it, its class.
_STATES: Final = {
    "55P03": _BUSY,
    "57014": "the store took too long to answer",
    "25P03": "a transaction in the store did nothing for too long",
    "25006": "the store's database may only be read at the moment",
    "53100": "the store's disk is full",
}
_CLASSES: Final = {
    "08": _UNREACHABLE,
    "40": _BUSY,
    "53": "the store's database has no room for more at the moment",
    "57": _UNREACHABLE,
    "58": "the store's disk cannot be read or written",
}
_UNUSABLE: Final = {
    "42P01": "the store is not migrated to this version of Jobreport",
    "42501": "the database's user may not do what the store needs",
    "XX001": "the store's database is damaged",
    "XX002": "the store's database is damaged",
}


def parse(url: URL) -> URL:
    """`url` with our driver; UnusableStoreError where it names no database."""
    if not url.database:
        raise UnusableStoreError("the store's URL names no database: postgresql://user@host/database")
    return url.set(drivername="postgresql+psycopg")


def make_engine(url: URL) -> Engine:
    """An engine for `url`; what its query says stands before our defaults. Nothing is connected yet."""
    settings = {
        "statement_timeout": f"{STATEMENT_SECONDS}s",
        "lock_timeout": f"{LOCK_SECONDS}s",
        "idle_in_transaction_session_timeout": f"{IDLE_SECONDS}s",
        # A search that may take every core is a little sooner done, and keeps everybody else waiting.
        "max_parallel_workers_per_gather": "0",
    }
    limits = " ".join(f"-c {name}={value}" for name, value in settings.items())
    given = url.query.get("options", "")
    defaults: dict[str, Any] = {
        "connect_timeout": CONNECT_SECONDS,
        "application_name": "jobreport",
        # A network that swallows packets is noticed within half a minute.
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 4,
        "tcp_user_timeout": 30_000,
    }
    arguments = {name: value for name, value in defaults.items() if name not in url.query}
    try:
        return create_engine(
            url.difference_update_query(["options"]),
            connect_args=arguments | {"options": f"{limits} {given if isinstance(given, str) else ' '.join(given)}"},
            isolation_level="READ COMMITTED",
            pool_size=POOL,
            max_overflow=MOST - POOL,
            pool_timeout=LOCK_SECONDS,
            # A connection that a restart of the server has ended is replaced before anybody asks through it.
            pool_pre_ping=True,
            # What a slow statement asked for stays out of messages and logs.
            hide_parameters=True,
        )
    except ModuleNotFoundError:
        raise UnusableStoreError(
            "a store on PostgreSQL needs the extra `postgres`: pip install 'jobreport[postgres]'"
        ) from None


def check(connection: Connection) -> None:
    """UnusableStoreError where the server is too old or a mere worker, or the database cannot keep every character."""
    if (connection.dialect.server_version_info or (0,)) < (14,):
        raise UnusableStoreError("the store's PostgreSQL is too old: 14 is the oldest that will do")
    # Each node of a cluster has locks of its own, so writers that go through several would not know of each other.
    if has_citus(connection) and connection.exec_driver_sql("SELECT groupid FROM pg_dist_local_group").scalar():
        raise UnusableStoreError("this is a worker of a Citus cluster: name its coordinator as --store")
    if connection.exec_driver_sql("SHOW server_encoding").scalar() != "UTF8":
        raise UnusableStoreError("the store's database must be of encoding UTF8: createdb -E UTF8 -T template0 …")
    if connection.exec_driver_sql("SELECT 1 FROM pg_available_extensions WHERE name = 'pg_trgm'").scalar() is None:
        raise UnusableStoreError("the store's server lacks the extension pg_trgm: install PostgreSQL's contrib package")


def has_citus(connection: Connection) -> bool:
    """Whether the database is one of a Citus cluster."""
    found = connection.exec_driver_sql("SELECT count(*) FROM pg_extension WHERE extname = 'citus'").scalar_one()
    return bool(found)


def shard_by_shard(connection: Connection) -> None:
    """Has a Citus cluster change the shards of a table one after another in this transaction; others take no notice.

    Several statements may then change and read the same tables, which Citus refuses where it did so in parallel.
    """
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL citus.multi_shard_modify_mode = 'sequential'")


def guess(connection: Connection, statement: Prepared, parameters: Parameters) -> float:
    """How many rows the planner expects; how common a part of a job ID is it knows by the index on just that."""
    (((plan,),),) = statement.rows(connection, parameters, before="EXPLAIN (FORMAT JSON) ")
    return float(plan["Plan"]["Plan Rows"])


def be_patient(connection: Connection) -> None:
    """Lets the statements of this transaction take as long as they need; in a file they may anyhow."""
    if connection.dialect.name != "postgresql":
        return
    for name in ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"):
        connection.exec_driver_sql(f"SET LOCAL {name} = 0")


def take_time(connection: Connection) -> None:
    """Lets the statements of this transaction take as long as they need; it still must not do nothing for too long.

    All rows are read, so they had better be planned for than the first few.
    """
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
        connection.exec_driver_sql("SET LOCAL cursor_tuple_fraction = 1")


def translation(fault: Exception, *, broken: bool) -> Exception | None:
    """The fault of ours that the driver's stands for; None where it is a mistake in the program.

    `broken`: whether its connection is known to be gone.
    """
    state = getattr(fault, "sqlstate", None)
    if state in _UNUSABLE:
        return UnusableStoreError(_UNUSABLE[state])
    if state in _STATES:
        return StoreUnavailableError(_STATES[state])
    if state is not None and state[:2] in _CLASSES:
        return StoreUnavailableError(_CLASSES[state[:2]])
    # Without a state the server has not answered: no connection came about, or it broke.
    if broken or (state is None and type(fault).__name__ == "OperationalError"):
        return StoreUnavailableError(_UNREACHABLE)
    return None
