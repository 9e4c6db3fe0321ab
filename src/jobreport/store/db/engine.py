"""Makes the engine of a store (SQLAlchemy), and its transactions. Errors of the database are raised as `StoreError`."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy import URL, Connection, Engine, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from jobreport.store.db import dialect_of, postgresql
from jobreport.store.db.errors import StoreUnavailableError, UnusableStoreError
from jobreport.store.db.postgresql import POSTGRESQL
from jobreport.store.db.sqlite import SQLITE

_EXAMPLES: Final = "sqlite:////path/jobs.db or postgresql://user@host/database"


def parse(url: str) -> URL:
    """Parses the URL of a store. Raises UnusableStoreError if it cannot be one; the message says what to write."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise UnusableStoreError(f"the store's URL must look like {_EXAMPLES}") from None
    if parsed.drivername in ("postgresql", "postgresql+psycopg", "postgres"):
        return postgresql.parse(parsed)
    if parsed.drivername not in ("sqlite", "sqlite+pysqlite"):
        raise UnusableStoreError(f"a store of kind {parsed.drivername} is not supported: use {_EXAMPLES}")
    if "?" in url:
        raise UnusableStoreError("a store like sqlite:////path/jobs.db takes no options: write a ? in its path as %3F")
    if not parsed.database or parsed.database == ":memory:":
        raise UnusableStoreError("the store must be a file, for example sqlite:////path/jobs.db: memory forgets")
    return parsed


def shown(url: str) -> str:
    """Returns the URL of a store without its password, so that it can be shown to people."""
    if url.startswith("sqlite:"):
        return url
    try:
        return make_url(url).difference_update_query(["password", "sslpassword"]).render_as_string(hide_password=True)
    except ArgumentError:
        return "…"


def make_engine(url: URL, *, create: bool = True) -> Engine:
    """Returns an engine for a URL from `parse`. `Dialect.make_engine` explains `create` and the errors."""
    dialect = POSTGRESQL if url.get_backend_name() == "postgresql" else SQLITE
    return dialect.make_engine(url, create=create)


def prepare(engine: Engine) -> None:
    """Sets the database so that readers and writers do not wait for each other.

    This changes the database, so it must be known to be a store of Jobreport.
    """
    with translated(engine):
        dialect_of(engine).prepare(engine)


def truncate_log(engine: Engine) -> None:
    """Removes deleted data from a file and from its write-ahead log, unless a reader still needs it."""
    with translated(engine):
        dialect_of(engine).truncate_log(engine)


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Opens a transaction that reads one consistent snapshot.

    Raises StoreUnavailableError if the database cannot answer.
    """
    options = dialect_of(engine).reading
    with translated(engine), engine.connect().execution_options(**options) as connection, connection.begin():
        yield connection


@contextmanager
def reading_all(engine: Engine) -> Iterator[Connection]:
    """Opens a transaction that reads millions of rows from one consistent snapshot.

    Its statements have no time limit, and large sorts are done on disk.
    """
    dialect = dialect_of(engine)
    with (
        translated(engine),
        engine.connect().execution_options(**dialect.reading) as connection,
        dialect.reading_all(connection),
        connection.begin(),
    ):
        dialect.begin_reading_all(connection)
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Opens a transaction that writes all or nothing. At the end of the `with` block it is on disk.

    Raises StoreUnavailableError if the database cannot write now.
    """
    with (
        translated(engine),
        engine.connect().execution_options(writes=True) as connection,
        dialect_of(engine).writing(connection),
        connection.begin(),
    ):
        yield connection


@contextmanager
def writing_all(engine: Engine) -> Iterator[Connection]:
    """Opens a transaction that writes what it makes of millions of rows: large sorts, such as those of a new index, are
    done on disk, and statements have no time limit.
    """
    dialect = dialect_of(engine)
    with (
        translated(engine),
        engine.connect().execution_options(writes=True) as connection,
        dialect.reading_all(connection),
        dialect.writing(connection),
        connection.begin(),
    ):
        dialect.lift_time_limits(connection)
        yield connection


@contextmanager
def translated(engine: Engine) -> Iterator[None]:
    """Turns errors of the database, from SQLAlchemy or from the driver, into a StoreError."""
    translation = dialect_of(engine).translation
    try:
        yield
    except DBAPIError as error:
        fault = error.orig if isinstance(error.orig, Exception) else error
        raise translation(fault, broken=error.connection_invalidated) or error from error
    except PoolTimeoutError as error:
        raise StoreUnavailableError("every connection to the store's database is in use") from error
    except engine.dialect.loaded_dbapi.Error as error:
        raise translation(error, broken=False) or error from error
