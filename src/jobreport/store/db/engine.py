"""The engine of a store, and its transactions. Any fault of the database is raised as a `StoreError`."""

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
    """The parsed URL of a store; UnusableStoreError with a hint where it is none of ours."""
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
    """The URL of a store without its password: what may be shown to people."""
    if url.startswith("sqlite:"):
        return url
    try:
        return make_url(url).difference_update_query(["password", "sslpassword"]).render_as_string(hide_password=True)
    except ArgumentError:
        return "…"


def make_engine(url: URL, *, create: bool = True) -> Engine:
    """An engine for a URL of `parse`; errors and `create` as in `Dialect.make_engine`."""
    dialect = POSTGRESQL if url.get_backend_name() == "postgresql" else SQLITE
    return dialect.make_engine(url, create=create)


def prepare(engine: Engine) -> None:
    """Makes readers and writers independent of each other. It changes the database: only for one that is ours."""
    with translated(engine):
        dialect_of(engine).prepare(engine)


def truncate_log(engine: Engine) -> None:
    """Leaves no older contents in a file or its log than the tables have now, as far as no reader still needs them."""
    with translated(engine):
        dialect_of(engine).truncate_log(engine)


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """One consistent snapshot. StoreUnavailableError where the database cannot answer."""
    options = dialect_of(engine).reading
    with translated(engine), engine.connect().execution_options(**options) as connection, connection.begin():
        yield connection


@contextmanager
def reading_all(engine: Engine) -> Iterator[Connection]:
    """A consistent snapshot for a read of millions of rows: no time limit, and large sorts are done on disk."""
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
    """All or nothing, on disk when left. StoreUnavailableError where the database cannot take it."""
    with (
        translated(engine),
        engine.connect().execution_options(writes=True) as connection,
        dialect_of(engine).writing(connection),
        connection.begin(),
    ):
        yield connection


@contextmanager
def translated(engine: Engine) -> Iterator[None]:
    """Raises a fault of the database, from SQLAlchemy or from the driver itself, as a StoreError."""
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
