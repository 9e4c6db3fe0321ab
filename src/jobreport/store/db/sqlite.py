"""SQLite: a store in a file, for the processes of one machine. The driver is `sqlite3`, of the standard library."""

import errno
import os
import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext, suppress
from pathlib import Path
from time import monotonic, sleep
from typing import Any, ClassVar, Final, Literal

import msgspec
from sqlalchemy import URL, Connection, Engine, Insert, Table, Update, create_engine, event
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.dialects.sqlite.base import SQLiteCompiler
from sqlalchemy.sql.selectable import FromClause

from jobreport.store.db.dialect import Dialect
from jobreport.store.db.errors import OtherVersionError, StoreUnavailableError, UnusableStoreError

BUSY_SECONDS: Final = 10
"""A writer waits this long for another writer before it gives up."""
_WRITER_KIB: Final = 32_000
"""The memory for the pages that one transaction writes. A batch of 10,000 jobs changes pages all over the indexes;
without enough memory they are written out and read again within the transaction. Only one connection writes at a time,
so only one uses this much."""
_READER_KIB: Final = 3_000
"""The memory for the pages that a reader keeps. An index of 50,000 series just fits into it, and is not read again for
each count. The operating system caches the file too."""
_OTHER_TABLES: Final = re.compile("no such (table|column|index)|table .* has no column")
"""What SQLite says of a statement for other tables than there are; it has no code of its own for that."""
_SORTING_KIB: Final = 16_000
"""The memory of a reader that sorts millions of rows. The rest is sorted on disk."""


class Sqlite(Dialect):
    """The dialect of SQLite."""

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
        """Returns an engine for a file. A missing folder is created too; only its owner can use it."""
        path = Path(str(url.database))
        try:
            if not create and not path.exists():
                raise UnusableStoreError(
                    f"there is no store at {path}: name the right one by --store; `jobreport serve` makes a new one, "
                    "and so does --create, where a command has it"
                )
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _make_file(path)
        except OSError as error:
            raise UnusableStoreError(f"the store's file {path} cannot be opened: {error.strerror}") from None
        # The pool gives out the connection that was used last: it has the most pages in memory.
        arguments = {"timeout": BUSY_SECONDS, "check_same_thread": False}
        engine = create_engine(url, connect_args=arguments, max_overflow=-1, pool_use_lifo=True)
        # SQLAlchemy has no index hints for SQLite and would leave them out.
        engine.dialect.statement_compiler = _HintingCompiler
        event.listen(engine, "connect", _prepare_connection)
        event.listen(engine, "begin", _begin)
        return engine

    def prepare(self, engine: Engine) -> None:
        """Switches the file to a write-ahead log (WAL). The file remembers this."""
        with closing(engine.raw_connection()) as connection:
            give_up = monotonic() + BUSY_SECONDS
            while True:
                try:
                    connection.cursor().execute("PRAGMA journal_mode = WAL")
                except sqlite3.OperationalError as error:
                    # SQLite does not wait here, although others who open the file need it only for a moment.
                    if not is_busy(error):
                        raise
                    if monotonic() > give_up:
                        raise StoreUnavailableError("the store is busy with other writers") from error
                    sleep(0.01)
                else:
                    return

    def require_usable(self, connection: Connection) -> None:
        """Does nothing: every SQLite that comes with Python can contain a store."""

    def translation(self, fault: Exception, *, broken: bool) -> Exception | None:
        """Finds the error by SQLite's primary result code."""
        code = getattr(fault, "sqlite_errorcode", 0) & 0xFF
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            return StoreUnavailableError("the store is busy with other writers")
        if code == sqlite3.SQLITE_FULL:
            return StoreUnavailableError("the store's disk is full")
        if code in (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY):
            return StoreUnavailableError("the store's disk cannot be read or written")
        if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            return UnusableStoreError("the store's file is damaged, or no database at all")
        if code == sqlite3.SQLITE_ERROR and _OTHER_TABLES.match(str(fault)):
            return OtherVersionError()
        return None

    def lock(self, connection: Connection, space: int, number: int) -> None:
        """Does nothing: only one transaction can write at a time."""

    def lift_time_limits(self, connection: Connection) -> None:
        """Does nothing: there are no time limits."""

    @contextmanager
    def writing(self, connection: Connection) -> Iterator[None]:
        """Gives the writer more memory for the pages that it changes."""
        driver = driver_of(connection)
        driver.execute(f"PRAGMA cache_size = -{_WRITER_KIB}")
        try:
            yield
        finally:
            driver.execute(f"PRAGMA cache_size = -{_READER_KIB}")

    @contextmanager
    def reading_all(self, connection: Connection) -> Iterator[None]:
        """Makes SQLite sort on disk. Short reads sort in memory, which is too small for millions of rows."""
        driver = driver_of(connection)
        driver.execute("PRAGMA temp_store = FILE")
        driver.execute(f"PRAGMA cache_size = -{_SORTING_KIB}")
        try:
            yield
        finally:
            driver.execute("PRAGMA temp_store = MEMORY")
            driver.execute(f"PRAGMA cache_size = -{_READER_KIB}")

    def begin_reading_all(self, connection: Connection) -> None:
        """Does nothing: `reading_all` has set everything."""

    @contextmanager
    def overwriting(self, connection: Connection) -> Iterator[None]:
        """Makes SQLite overwrite deleted data with zeros. Otherwise it stays in the file until its space is needed."""
        connection.exec_driver_sql("PRAGMA secure_delete = ON")
        try:
            yield
        finally:
            connection.exec_driver_sql("PRAGMA secure_delete = OFF")

    def truncate_log(self, engine: Engine) -> None:
        """Makes a checkpoint of the write-ahead log, which leaves the log empty."""
        with closing(engine.raw_connection()) as connection:
            connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def integrity_faults(self, connection: Connection, most: int) -> tuple[str, ...]:
        """Runs SQLite's integrity check, which reads the whole file."""
        lines = connection.exec_driver_sql(f"PRAGMA integrity_check({most})").scalars().all()
        return tuple(line for line in lines if line != "ok")

    def insert_or_add(self, table: Table, *columns: str) -> Insert:
        """Returns an INSERT … ON CONFLICT DO UPDATE."""
        new = insert(table)
        sums = {name: table.c[name] + new.excluded[name] for name in columns}
        return new.on_conflict_do_update(index_elements=table.primary_key.columns, set_=sums)

    def insert_or_add_arrays(self, table: Table, *columns: str) -> Insert | None:
        """Returns None: SQLite has no arrays."""
        return None

    def pipeline(self, connection: Connection) -> AbstractContextManager[object]:
        """Does nothing: a file answers at once."""
        return nullcontext()

    def overwrite_arrays(self, table: Table, key: str, columns: Sequence[str]) -> Update | None:
        """Returns None: SQLite has no arrays."""
        return None

    def insert_or_ignore(self, table: Table) -> Insert:
        """Returns an INSERT … ON CONFLICT DO NOTHING."""
        return insert(table).on_conflict_do_nothing()

    def array(self, values: Sequence[str] | Sequence[int]) -> str:
        """Returns a JSON array, since SQLite has no arrays."""
        return msgspec.json.encode(values).decode()

    def copy(self, connection: Connection, statement: str, rows: Sequence[tuple[Any, ...]]) -> bool:
        """Returns False: SQLite has no COPY."""
        return False

    def stream_cursor(self, connection: Connection) -> sqlite3.Cursor:
        """Returns an ordinary cursor: in SQLite each fetches row by row."""
        return driver_of(connection).cursor()


SQLITE: Final = Sqlite()


def driver_of(connection: Connection) -> sqlite3.Connection:
    """Returns the driver's own connection."""
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    return driver


def is_busy(error: sqlite3.Error) -> bool:
    """Whether the error says that another connection has locked the file."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


class _HintingCompiler(SQLiteCompiler):
    """Writes the hint for a table after the table's name: INDEXED BY …, or NOT INDEXED."""

    def get_from_hint_text(self, table: FromClause, text: str | None) -> str | None:
        return text


def _make_file(path: Path) -> None:
    """Creates an empty file that only its owner can read, if there is none. What root creates belongs to the owner of
    the folder. Raises OSError if no store can be there.

    An existing file is not even opened: closing it would release the locks that other connections of this process have
    on it (POSIX advisory locks), and other processes would then remove the log while it is in use.
    """
    with suppress(FileExistsError):
        made = os.open(path.resolve(), os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
        try:
            if hasattr(os, "geteuid") and os.geteuid() == 0:
                # A service that does not run as root must be able to open it. SQLite gives its other files to the
                # same owner.
                like = path.resolve().parent.stat()
                os.fchown(made, like.st_uid, like.st_gid)
        finally:
            os.close(made)
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if not os.access(path, os.R_OK | os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))


def _prepare_connection(connection: sqlite3.Connection, _record: object) -> None:
    # Switches off the driver's own transactions, which commit when nobody asked for it. `_begin` begins each of ours.
    connection.isolation_level = None
    for pragma in ("synchronous = FULL", "foreign_keys = ON", "temp_store = MEMORY", f"cache_size = -{_READER_KIB}"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    # A transaction that will write takes the lock at its start. To take the lock later may fail without waiting.
    kind = "IMMEDIATE" if connection.get_execution_options().get("writes") else "DEFERRED"
    connection.exec_driver_sql(f"BEGIN {kind}")
