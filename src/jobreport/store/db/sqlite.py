"""SQLite: a store in a file, for the processes of one machine. Standard library driver (`sqlite3`)."""

import errno
import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from time import monotonic, sleep
from typing import Any, ClassVar, Final, Literal

import msgspec
from sqlalchemy import URL, Connection, Engine, Insert, Table, create_engine, event
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.dialects.sqlite.base import SQLiteCompiler
from sqlalchemy.sql.selectable import FromClause

from jobreport.store.db.dialect import Dialect
from jobreport.store.db.errors import StoreUnavailableError, UnusableStoreError

BUSY_SECONDS: Final = 10
"""How long a writer waits for another before it gives up."""
_WRITER_KIB: Final = 32_000
"""Memory for the pages that one transaction writes. A batch of 10,000 jobs changes pages all over the indexes; without
enough memory they are written out and read again within the transaction. Only one connection writes at a time, so only
one has so much."""
_READER_KIB: Final = 2_000
"""Memory for the pages that a reader keeps; the operating system caches the file too."""
_SORTING_KIB: Final = 16_000
"""Memory of a reader that sorts millions of rows; the rest is sorted on disk."""


class Sqlite(Dialect):
    """SQLite's ways."""

    is_shared = False
    has_row_numbers = True
    has_trigram_index = False
    has_slow_round_trips = False
    filters_in_index = True
    sorts_in_memory = True
    plans_by_values = False
    paramstyle: ClassVar[Literal["qmark", "format"]] = "qmark"
    reading: ClassVar[dict[str, Any]] = {}

    def make_engine(self, url: URL, *, create: bool) -> Engine:
        """An engine for a file, which is made if need be, in a folder of its owner's alone."""
        path = Path(str(url.database))
        if not create and not path.exists():
            raise UnusableStoreError(f"there is no store at {path}")
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _make_file(path)
        except OSError as error:
            raise UnusableStoreError(f"the store's file {path} cannot be opened: {error.strerror}") from None
        # The connection that was used last has the most pages in memory; those that are seldom used need none.
        arguments = {"timeout": BUSY_SECONDS, "check_same_thread": False}
        engine = create_engine(url, connect_args=arguments, max_overflow=-1, pool_use_lifo=True)
        # SQLAlchemy has no index hints for SQLite and would leave them out.
        engine.dialect.statement_compiler = _HintingCompiler
        event.listen(engine, "connect", _prepare_connection)
        event.listen(engine, "begin", _begin)
        return engine

    def prepare(self, engine: Engine) -> None:
        """Switches the file to a write-ahead log (WAL); the file stays so."""
        with closing(engine.raw_connection()) as connection:
            give_up = monotonic() + BUSY_SECONDS
            while True:
                try:
                    connection.cursor().execute("PRAGMA journal_mode = WAL")
                except sqlite3.OperationalError as error:
                    # SQLite does not wait here of its own, although others that open the file are gone in a moment.
                    if not is_busy(error):
                        raise
                    if monotonic() > give_up:
                        raise StoreUnavailableError("the store is busy with other writers") from error
                    sleep(0.01)
                else:
                    return

    def require_usable(self, connection: Connection) -> None:
        """Any SQLite that Python has can hold a store."""

    def translation(self, fault: Exception, *, broken: bool) -> Exception | None:
        """By SQLite's primary result code."""
        code = getattr(fault, "sqlite_errorcode", 0) & 0xFF
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            return StoreUnavailableError("the store is busy with other writers")
        if code == sqlite3.SQLITE_FULL:
            return StoreUnavailableError("the store's disk is full")
        if code in (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY):
            return StoreUnavailableError("the store's disk cannot be read or written")
        if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            return UnusableStoreError("the store's file is damaged, or no database at all")
        return None

    def lock(self, connection: Connection, space: int, number: int) -> None:
        """Nothing: a transaction that writes is the only one."""

    def lift_time_limits(self, connection: Connection) -> None:
        """Nothing: there are none."""

    @contextmanager
    def writing(self, connection: Connection) -> Iterator[None]:
        """Gives the writer memory for the pages that it changes."""
        driver = driver_of(connection)
        driver.execute(f"PRAGMA cache_size = -{_WRITER_KIB}")
        try:
            yield
        finally:
            driver.execute(f"PRAGMA cache_size = -{_READER_KIB}")

    @contextmanager
    def reading_all(self, connection: Connection) -> Iterator[None]:
        """Sorts on disk: short reads sort in memory, where millions of rows have no room."""
        driver = driver_of(connection)
        driver.execute("PRAGMA temp_store = FILE")
        driver.execute(f"PRAGMA cache_size = -{_SORTING_KIB}")
        try:
            yield
        finally:
            driver.execute("PRAGMA temp_store = MEMORY")
            driver.execute(f"PRAGMA cache_size = -{_READER_KIB}")

    def begin_reading_all(self, connection: Connection) -> None:
        """Nothing."""

    @contextmanager
    def overwriting(self, connection: Connection) -> Iterator[None]:
        """Overwrites with zeros what is deleted; otherwise it stays in the file until the room is needed."""
        connection.exec_driver_sql("PRAGMA secure_delete = ON")
        try:
            yield
        finally:
            connection.exec_driver_sql("PRAGMA secure_delete = OFF")

    def truncate_log(self, engine: Engine) -> None:
        """A checkpoint that leaves the log empty."""
        with closing(engine.raw_connection()) as connection:
            connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def integrity_faults(self, connection: Connection, most: int) -> tuple[str, ...]:
        """Reads the whole file."""
        lines = connection.exec_driver_sql(f"PRAGMA integrity_check({most})").scalars().all()
        return tuple(line for line in lines if line != "ok")

    def insert_or_add(self, table: Table, *columns: str) -> Insert:
        """By ON CONFLICT DO UPDATE."""
        new = insert(table)
        sums = {name: table.c[name] + new.excluded[name] for name in columns}
        return new.on_conflict_do_update(index_elements=table.primary_key.columns, set_=sums)

    def insert_or_add_arrays(self, table: Table, *columns: str) -> Insert | None:
        """SQLite has no arrays."""
        return None

    def insert_or_ignore(self, table: Table) -> Insert:
        """By ON CONFLICT DO NOTHING."""
        return insert(table).on_conflict_do_nothing()

    def array(self, values: Sequence[str] | Sequence[int]) -> str:
        """SQLite has no arrays: as JSON."""
        return msgspec.json.encode(values).decode()

    def copy(self, connection: Connection, statement: str, rows: Sequence[tuple[Any, ...]]) -> bool:
        """SQLite has no COPY."""
        return False

    def stream_cursor(self, connection: Connection) -> sqlite3.Cursor:
        """Any cursor fetches row by row."""
        return driver_of(connection).cursor()


SQLITE: Final = Sqlite()


def driver_of(connection: Connection) -> sqlite3.Connection:
    """The driver's own connection."""
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    return driver


def is_busy(error: sqlite3.Error) -> bool:
    """Whether another connection holds the file just now."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


class _HintingCompiler(SQLiteCompiler):
    """Writes a table's hint behind its name: INDEXED BY …, or NOT INDEXED."""

    def get_from_hint_text(self, table: FromClause, text: str | None) -> str | None:
        return text


def _make_file(path: Path) -> None:
    """Makes an empty file of its owner alone where there is none; OSError where there cannot be a store.

    A file that is there is not even opened: closing it would take away the locks of every connection of this process
    to it (POSIX advisory locks), and others would then clear away the log while it is in use.
    """
    with suppress(FileExistsError):
        os.close(os.open(path.resolve(), os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if not os.access(path, os.R_OK | os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))


def _prepare_connection(connection: sqlite3.Connection, _record: object) -> None:
    # The driver's own transaction handling would commit where we do not ask for it; `_begin` begins each transaction.
    connection.isolation_level = None
    for pragma in ("synchronous = FULL", "foreign_keys = ON", "temp_store = MEMORY", f"cache_size = -{_READER_KIB}"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    # A transaction that will write takes the lock at once: to take it later can fail without waiting.
    kind = "IMMEDIATE" if connection.get_execution_options().get("writes") else "DEFERRED"
    connection.exec_driver_sql(f"BEGIN {kind}")
