"""A store's URL in; a database engine with the right pragmas, and transactions whose faults are ours, out."""

import errno
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from time import monotonic, sleep
from typing import Final

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.dialects.sqlite.base import SQLiteCompiler
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.sql.selectable import FromClause

from jobreport.store.db import postgresql
from jobreport.store.db.errors import StoreUnavailableError, UnusableStoreError

BUSY_SECONDS: Final = 10
"""How long a writer waits for another before it gives up."""
WRITER_KIB: Final = 32_000
"""Memory for the pages of a file that a transaction writes."""
READER_KIB: Final = 2_000
"""The same for one that only reads; the system keeps pages too."""


def parse(url: str) -> URL:
    """The parsed URL of a store; UnusableStoreError with a hint where it is none of ours."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise UnusableStoreError(
            "the store's URL must look like sqlite:////path/jobs.db or postgresql://user@host/database"
        ) from None
    if parsed.drivername in ("postgresql", "postgresql+psycopg", "postgres"):
        return postgresql.parse(parsed)
    if parsed.drivername not in ("sqlite", "sqlite+pysqlite"):
        raise UnusableStoreError(
            f"a store of kind {parsed.drivername} is not supported: use sqlite:////path/jobs.db "
            "or postgresql://user@host/database"
        )
    if "?" in url:
        raise UnusableStoreError("a store like sqlite:////path/jobs.db takes no options: write a ? in its path as %3F")
    if not parsed.database or parsed.database == ":memory:":
        raise UnusableStoreError("the store must be a file, for example sqlite:////path/jobs.db: memory forgets")
    return parsed


def shown(url: str) -> str:
    """The URL of a store without its password: what may be shown to people."""
    if url.startswith("sqlite:"):
        return url
    try:
        return make_url(url).difference_update_query(["password", "sslpassword"]).render_as_string(hide_password=True)
    except ArgumentError:
        return "…"


def make_engine(url: URL, *, create: bool = True) -> Engine:
    """An engine for `url`. A file is created readable by its owner alone, in a folder of its own if need be."""
    if url.get_backend_name() == "postgresql":
        return postgresql.make_engine(url)
    path = Path(str(url.database))
    if not create and not path.exists():
        raise UnusableStoreError(f"there is no store at {path}")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _make_file(path)
    except OSError as error:
        raise UnusableStoreError(f"the store's file {path} cannot be opened: {error.strerror}") from None
    # The connection that was used last knows the most pages, and those that are seldom used need none.
    arguments = {"timeout": BUSY_SECONDS, "check_same_thread": False}
    engine = create_engine(url, connect_args=arguments, max_overflow=-1, pool_use_lifo=True)
    # Which index to take is said to SQLite as a hint, which SQLAlchemy would leave out.
    engine.dialect.statement_compiler = _HintingCompiler
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


class _HintingCompiler(SQLiteCompiler):
    """Writes the hint of a table behind its name: INDEXED BY …, or NOT INDEXED."""

    def get_from_hint_text(self, table: FromClause, text: str | None) -> str | None:
        return text


def _make_file(path: Path) -> None:
    """Makes an empty file of its owner alone where there is none; OSError where there cannot be a store.

    A file that is there is not even opened: closing it would take away the locks of every connection of this process
    to it, and others would then clear away the log under their hands.
    """
    with suppress(FileExistsError):
        os.close(os.open(path.resolve(), os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if not os.access(path, os.R_OK | os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    # The driver's own transaction handling commits behind our back; we begin ourselves, below.
    connection.isolation_level = None
    for pragma in ("synchronous = FULL", "foreign_keys = ON", "temp_store = MEMORY", f"cache_size = -{READER_KIB}"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that will write takes the lock at once: upgrading later can fail without waiting.
    kind = "IMMEDIATE" if connection.get_execution_options().get("writes") else "DEFERRED"
    connection.exec_driver_sql(f"BEGIN {kind}")


@contextmanager
def _roomy(connection: Connection) -> Iterator[None]:
    """Gives a writer of a file room for the pages that a large batch changes, and takes it back.

    A batch of 10,000 jobs changes pages all over the indexes; without room they are written out and read again
    within the transaction. There are many connections but one writer, so the room is given to him alone.
    """
    if connection.dialect.name != "sqlite":
        yield
        return
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    driver.execute(f"PRAGMA cache_size = -{WRITER_KIB}")
    try:
        yield
    finally:
        driver.execute(f"PRAGMA cache_size = -{READER_KIB}")


def settle(engine: Engine) -> None:
    """Makes readers and a writer of a file independent of each other (WAL), which PostgreSQL's always are.

    It stays in the file, so only call it on our own.
    """
    if engine.dialect.name != "sqlite":
        return
    with translated(engine), closing(engine.raw_connection()) as connection:
        give_up = monotonic() + BUSY_SECONDS
        while True:
            try:
                connection.cursor().execute("PRAGMA journal_mode = WAL")
            except sqlite3.OperationalError as error:
                # SQLite does not wait here of its own, although others that open the file are gone in a moment.
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                    raise
                if monotonic() > give_up:
                    raise StoreUnavailableError("the store is busy with other writers") from error
                sleep(0.01)
            else:
                return


def empty_log(engine: Engine) -> None:
    """Moves what a file's log holds into the file, so that nothing older is left in either.

    Waits for who reads just now, and after a while leaves it: then SQLite does the same some time later.
    """
    if engine.dialect.name == "sqlite":
        with translated(engine), closing(engine.raw_connection()) as connection:
            connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """One consistent snapshot. StoreUnavailableError where the database cannot answer."""
    options = postgresql.READS if engine.dialect.name == "postgresql" else {}
    with translated(engine), engine.connect().execution_options(**options) as connection, connection.begin():
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """All or nothing, on disk when left. StoreUnavailableError where the database cannot take it."""
    with (
        translated(engine),
        engine.connect().execution_options(writes=True) as connection,
        _roomy(connection),
        connection.begin(),
    ):
        yield connection


@contextmanager
def translated(engine: Engine) -> Iterator[None]:
    """Faults of the database, by SQLAlchemy or by the driver itself, as ours."""
    try:
        yield
    except DBAPIError as error:
        fault = error.orig if isinstance(error.orig, Exception) else error
        raise _translation(fault, broken=error.connection_invalidated) or error from error
    except PoolTimeoutError as error:
        raise StoreUnavailableError("every connection to the store's database is in use") from error
    except engine.dialect.loaded_dbapi.Error as error:
        raise _translation(error, broken=False) or error from error


def _translation(fault: Exception, *, broken: bool) -> Exception | None:
    """The fault of ours that the driver's stands for; None where it is a mistake in the program."""
    if not isinstance(fault, sqlite3.Error):
        return postgresql.translation(fault, broken=broken)
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
