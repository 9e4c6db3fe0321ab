"""PostgreSQL: a store on a server, which several machines share. The driver is psycopg, in the extra `postgres`."""

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, ClassVar, Final, Literal

from sqlalchemy import (
    URL,
    Column,
    Connection,
    Engine,
    Insert,
    Table,
    Text,
    Update,
    bindparam,
    create_engine,
    func,
    select,
    update,
)
from sqlalchemy import column as sql_column
from sqlalchemy.dialects.postgresql import ARRAY, insert

from jobreport.extras import command_for
from jobreport.store.db import citus
from jobreport.store.db.dialect import Dialect
from jobreport.store.db.errors import OtherVersionError, StoreUnavailableError, UnusableStoreError
from jobreport.store.db.expressions import any_of, item

CONNECT_SECONDS: Final = 5
"""If connecting takes longer than this, the server counts as unreachable."""
LOCK_SECONDS: Final = 10
"""A writer waits this long for another writer before it gives up."""
STATEMENT_SECONDS: Final = 60
"""A statement may take this long. Migrations and recounts have no limit."""
IDLE_SECONDS: Final = 60
"""A transaction may be idle this long, so that a process that hangs does not keep others from writing."""
POOL: Final = 5
"""The number of connections that a process keeps open."""
MOST: Final = 15
"""The number of connections that a process has at most, when it is busy."""

_OLDEST: Final = 14
"""The oldest major version that works."""
_LOCK: Final = "SELECT pg_advisory_xact_lock(%s::integer, %s::integer)"

_UNREACHABLE: Final = "the store's database cannot be reached"
_BUSY: Final = "the store is busy with other writers"
# The messages by SQLSTATE and, below, by its first two characters, which are its class.
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
_OTHER_TABLES: Final = ("42P01", "42703")
"""SQLSTATEs of a statement for other tables than there are: undefined_table, undefined_column."""
_UNUSABLE: Final = {
    "42501": "the database's user may not do what the store needs",
    "XX001": "the store's database is damaged",
    "XX002": "the store's database is damaged",
}


def parse(url: URL) -> URL:
    """Returns `url` with our driver. Raises UnusableStoreError if it names no database."""
    if not url.database:
        raise UnusableStoreError("the store's URL names no database: postgresql://user@host/database")
    return url.set(drivername="postgresql+psycopg")


class PostgreSql(Dialect):
    """The dialect of PostgreSQL."""

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
        """Returns an engine whose connections have time limits. Options in the URL win over our defaults.

        It does not connect yet.
        """
        settings = {
            "statement_timeout": f"{STATEMENT_SECONDS}s",
            "lock_timeout": f"{LOCK_SECONDS}s",
            "idle_in_transaction_session_timeout": f"{IDLE_SECONDS}s",
            # A search on all cores would be a little faster, but all other users would wait.
            "max_parallel_workers_per_gather": "0",
        }
        limits = " ".join(f"-c {name}={value}" for name, value in settings.items())
        given = url.query.get("options", "")
        options = f"{limits} {given if isinstance(given, str) else ' '.join(given)}"
        defaults: dict[str, Any] = {
            "connect_timeout": CONNECT_SECONDS,
            "application_name": "jobreport",
            # A network that loses all packets is noticed within half a minute.
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
                # If a restart of the server has closed a connection, it is replaced before it is used.
                pool_pre_ping=True,
                # Values of parameters must not appear in messages and logs.
                hide_parameters=True,
            )
        except ModuleNotFoundError:
            raise UnusableStoreError(
                f"a store on PostgreSQL needs a library that is not installed: {command_for('postgres')}"
            ) from None

    def prepare(self, engine: Engine) -> None:
        """Does nothing: in PostgreSQL readers and writers never wait for each other."""

    def require_usable(self, connection: Connection) -> None:
        """Checks that the server is new enough, is no worker of a Citus cluster, uses UTF-8, and has pg_trgm."""
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
        """Finds the error by the SQLSTATE, or by its first two characters, which are its class."""
        state = getattr(fault, "sqlstate", None)
        if state in _OTHER_TABLES:
            return OtherVersionError()
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
        """Takes an advisory lock. A statement after it sees everything that earlier holders have committed."""
        # By the driver, so that it may be sent together with what is read under it.
        cursor = connection.connection.cursor()
        try:
            cursor.execute(_LOCK, (space, number))
        finally:
            cursor.close()

    def lift_time_limits(self, connection: Connection) -> None:
        """Lifts the three limits of `make_engine` until the transaction ends."""
        for name in ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"):
            connection.exec_driver_sql(f"SET LOCAL {name} = 0")

    def writing(self, connection: Connection) -> AbstractContextManager[None]:
        """Does nothing: a transaction that writes needs no preparation."""
        return nullcontext()

    def reading_all(self, connection: Connection) -> AbstractContextManager[None]:
        """Does nothing: the server sorts on disk if there are too many rows for memory."""
        return nullcontext()

    def begin_reading_all(self, connection: Connection) -> None:
        """Removes the time limit of statements, but not that of an idle transaction.

        It also tells the planner that all rows will be fetched, not only the first few.
        """
        connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
        connection.exec_driver_sql("SET LOCAL cursor_tuple_fraction = 1")

    def overwriting(self, connection: Connection) -> AbstractContextManager[None]:
        """Does nothing: data that remains on the disk of a server is the responsibility of its operator."""
        return nullcontext()

    def truncate_log(self, engine: Engine) -> None:
        """Does nothing: the write-ahead log of a server is the responsibility of its operator."""

    def integrity_faults(self, connection: Connection, most: int) -> tuple[str, ...]:
        """Returns no faults: the server's own tools for this (amcheck) are for its operator."""
        return ()

    def insert_or_add(self, table: Table, *columns: str) -> Insert:
        """Returns an INSERT … ON CONFLICT DO UPDATE."""
        return _adding(insert(table), table, columns)

    def insert_or_add_arrays(self, table: Table, *columns: str) -> Insert | None:
        """Returns an INSERT … SELECT unnest(…). The single value of the first column tells Citus which node to use."""
        first, *others = table.columns
        arrays = func.unnest(*(bindparam(column.name, type_=ARRAY(column.type)) for column in others))
        rows = arrays.table_valued(*(sql_column(column.name, column.type) for column in others))
        new = select(bindparam(first.name, type_=first.type), *rows.render_derived(name="new").c)
        return _adding(insert(table).from_select(table.columns.keys(), new), table, columns)

    def pipeline(self, connection: Connection) -> AbstractContextManager[object]:
        """Opens a pipeline of the driver."""
        driver: Any = connection.connection.driver_connection
        pipeline: AbstractContextManager[object] = driver.pipeline()
        return pipeline

    def overwrite_arrays(self, table: Table, key: str, columns: Sequence[str]) -> Update | None:
        """Returns an UPDATE that takes for each row the items at the place of its key. It names no other table or
        function beside the table, which Citus would not take.
        """
        first, keys = next(iter(table.columns)), table.c[key]
        place = func.array_position(bindparam("of_keys", type_=_array_of(keys)), keys)
        return (
            update(table)
            .where(first == bindparam("of_first"), any_of(keys, "of_keys"))
            .values({name: item(bindparam(f"new_{name}", type_=_array_of(table.c[name])), place) for name in columns})
        )

    def insert_or_ignore(self, table: Table) -> Insert:
        """Returns an INSERT … ON CONFLICT DO NOTHING. If two transactions do it at once, one waits for the other."""
        return insert(table).on_conflict_do_nothing()

    def array(self, values: Sequence[str] | Sequence[int]) -> list[str] | list[int]:
        """Returns a list, which psycopg sends as an array."""
        return [*values]

    def copy(self, connection: Connection, statement: str, rows: Sequence[tuple[Any, ...]]) -> bool:
        """Runs the driver's COPY."""
        cursor: Any = connection.connection.cursor()
        try:
            with cursor.copy(statement) as copy:
                for row in rows:
                    copy.write_row(row)
        finally:
            cursor.close()
        return True

    def stream_cursor(self, connection: Connection) -> Any:
        """Returns a cursor on the server's side. A cursor of the client would read all rows into memory."""
        driver: Any = connection.connection.driver_connection
        return driver.cursor("jobreport_stream")


POSTGRESQL: Final = PostgreSql()


def _array_of(column: Column[Any]) -> ARRAY[Any]:
    """Returns the type of an array of a column's values. A text has its collation in the column, not in the array."""
    return ARRAY(Text() if isinstance(column.type, Text) else column.type)


def _adding(new: Any, table: Table, columns: Sequence[str]) -> Insert:
    sums = {name: table.c[name] + new.excluded[name] for name in columns}
    found: Insert = new.on_conflict_do_update(index_elements=table.primary_key.columns, set_=sums)
    return found
