"""PostgreSQL: a store on a server, which several machines share. Driver: psycopg, an extra of the package."""

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, ClassVar, Final, Literal

from sqlalchemy import URL, Connection, Engine, Insert, Integer, Table, bindparam, create_engine, func, select
from sqlalchemy import column as sql_column
from sqlalchemy.dialects.postgresql import ARRAY, insert

from jobreport.store.db import citus
from jobreport.store.db.dialect import Dialect
from jobreport.store.db.errors import StoreUnavailableError, UnusableStoreError

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

_OLDEST: Final = 14
"""The oldest major version that will do."""
_LOCK: Final = select(func.pg_advisory_xact_lock(bindparam("space", type_=Integer), bindparam("number", type_=Integer)))

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


class PostgreSql(Dialect):
    """PostgreSQL's ways."""

    is_shared = True
    has_row_numbers = False
    has_trigram_index = True
    has_slow_round_trips = True
    filters_in_index = False
    sorts_in_memory = False
    plans_by_values = True
    paramstyle: ClassVar[Literal["qmark", "format"]] = "format"
    reading: ClassVar[dict[str, Any]] = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}

    def make_engine(self, url: URL, *, create: bool) -> Engine:
        """An engine whose connections give up in time. What the URL says stands before our defaults.

        Nothing is connected yet.
        """
        settings = {
            "statement_timeout": f"{STATEMENT_SECONDS}s",
            "lock_timeout": f"{LOCK_SECONDS}s",
            "idle_in_transaction_session_timeout": f"{IDLE_SECONDS}s",
            # A search on every core is a little sooner done, and keeps everybody else waiting.
            "max_parallel_workers_per_gather": "0",
        }
        limits = " ".join(f"-c {name}={value}" for name, value in settings.items())
        given = url.query.get("options", "")
        options = f"{limits} {given if isinstance(given, str) else ' '.join(given)}"
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
                connect_args=arguments | {"options": options},
                isolation_level="READ COMMITTED",
                pool_size=POOL,
                max_overflow=MOST - POOL,
                pool_timeout=LOCK_SECONDS,
                # A connection that a restart of the server has ended is replaced before anybody asks through it.
                pool_pre_ping=True,
                # The values in a slow statement stay out of messages and logs.
                hide_parameters=True,
            )
        except ModuleNotFoundError:
            raise UnusableStoreError(
                "a store on PostgreSQL needs the extra `postgres`: pip install 'jobreport[postgres]'"
            ) from None

    def prepare(self, engine: Engine) -> None:
        """Nothing: readers and writers never wait for each other."""

    def require_usable(self, connection: Connection) -> None:
        """The server must be new enough, no mere worker of a cluster, keep every character, and have pg_trgm."""
        if (connection.dialect.server_version_info or (0,)) < (_OLDEST,):
            raise UnusableStoreError(f"the store's PostgreSQL is too old: {_OLDEST} is the oldest that will do")
        if citus.is_worker(connection):
            raise UnusableStoreError("this is a worker of a Citus cluster: name its coordinator as --store")
        if connection.exec_driver_sql("SHOW server_encoding").scalar() != "UTF8":
            raise UnusableStoreError("the store's database must be of encoding UTF8: createdb -E UTF8 -T template0 …")
        trigrams = "SELECT 1 FROM pg_available_extensions WHERE name = 'pg_trgm'"
        if connection.exec_driver_sql(trigrams).scalar() is None:
            raise UnusableStoreError(
                "the store's server lacks the extension pg_trgm: install PostgreSQL's contrib package"
            )

    def translation(self, fault: Exception, *, broken: bool) -> Exception | None:
        """By SQLSTATE, or by its first two characters, which are its class."""
        state = getattr(fault, "sqlstate", None)
        if state in _UNUSABLE:
            return UnusableStoreError(_UNUSABLE[state])
        if state in _STATES:
            return StoreUnavailableError(_STATES[state])
        if state is not None and state[:2] in _CLASSES:
            return StoreUnavailableError(_CLASSES[state[:2]])
        # Without a state the server has not answered: the connection failed or broke.
        if broken or (state is None and type(fault).__name__ == "OperationalError"):
            return StoreUnavailableError(_UNREACHABLE)
        return None

    def lock(self, connection: Connection, space: int, number: int) -> None:
        """An advisory lock. Each statement after it sees what the one who held it before has committed."""
        connection.execute(_LOCK, {"space": space, "number": number})

    def lift_time_limits(self, connection: Connection) -> None:
        """Lifts the three limits of `make_engine` until the transaction ends."""
        for name in ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"):
            connection.exec_driver_sql(f"SET LOCAL {name} = 0")

    def writing(self, connection: Connection) -> AbstractContextManager[None]:
        """Nothing."""
        return nullcontext()

    def reading_all(self, connection: Connection) -> AbstractContextManager[None]:
        """Nothing: the server sorts on disk what is too large for memory."""
        return nullcontext()

    def begin_reading_all(self, connection: Connection) -> None:
        """A statement may take as long as it needs, but the transaction must not be idle for too long.

        All rows are fetched, so it is planned for them and not for the first few.
        """
        connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
        connection.exec_driver_sql("SET LOCAL cursor_tuple_fraction = 1")

    def overwriting(self, connection: Connection) -> AbstractContextManager[None]:
        """Nothing: what a server's disk still holds is for its operator to see to."""
        return nullcontext()

    def truncate_log(self, engine: Engine) -> None:
        """Nothing, for the same reason."""

    def integrity_faults(self, connection: Connection, most: int) -> tuple[str, ...]:
        """The server has tools of its own (amcheck), which need its operator."""
        return ()

    def insert_or_add(self, table: Table, *columns: str) -> Insert:
        """By ON CONFLICT DO UPDATE."""
        return _adding(insert(table), table, columns)

    def insert_or_add_arrays(self, table: Table, *columns: str) -> Insert | None:
        """By unnest(). A single value for the first column tells Citus the node."""
        first, *others = table.columns
        arrays = func.unnest(*(bindparam(column.name, type_=ARRAY(column.type)) for column in others))
        rows = arrays.table_valued(*(sql_column(column.name, column.type) for column in others))
        new = select(bindparam(first.name, type_=first.type), *rows.render_derived(name="new").c)
        return _adding(insert(table).from_select(table.columns.keys(), new), table, columns)

    def insert_or_ignore(self, table: Table) -> Insert:
        """By ON CONFLICT DO NOTHING. Of two transactions at once one waits for the other."""
        return insert(table).on_conflict_do_nothing()

    def array(self, values: Sequence[str] | Sequence[int]) -> list[str] | list[int]:
        """As psycopg takes an array."""
        return [*values]

    def copy(self, connection: Connection, statement: str, rows: Sequence[tuple[Any, ...]]) -> bool:
        """By the driver's COPY."""
        cursor: Any = connection.connection.cursor()
        try:
            with cursor.copy(statement) as copy:
                for row in rows:
                    copy.write_row(row)
        finally:
            cursor.close()
        return True

    def stream_cursor(self, connection: Connection) -> Any:
        """A cursor that the server keeps; another one would hold all rows in memory."""
        driver: Any = connection.connection.driver_connection
        return driver.cursor("jobreport_stream")


POSTGRESQL: Final = PostgreSql()


def _adding(new: Any, table: Table, columns: Sequence[str]) -> Insert:
    sums = {name: table.c[name] + new.excluded[name] for name in columns}
    found: Insert = new.on_conflict_do_update(index_elements=table.primary_key.columns, set_=sums)
    return found
