"""Asks the database of a catalog, which it only reads, and says in words what is wrong with it.

A director writes there while it is asked. So each question is a short one, in a transaction of its own.
"""

import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final
from urllib.parse import quote, urlsplit

import tenacity
from sqlalchemy import URL, Connection, create_engine, make_url, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.pool import StaticPool

from jobreport import secret_files
from jobreport.connectors.base import CannotReadError
from jobreport.connectors.extra import needed
from jobreport.connectors.kinds.bareos.settings import MARIADB, POSTGRESQL, SQLITE, Settings, is_here

Row = Mapping[str, Any]
_CONNECT_SECONDS: Final = 10
_ANSWER_SECONDS: Final = 60
_TRIES: Final = 3
_DENIED: Final = frozenset({"42501", "1142", "1143", "1044", "1370"})
_NOT_SIGNED_IN: Final = frozenset({"28000", "28P01", "1045", "1698"})
_NO_TABLE: Final = frozenset({"42P01", "1146"})
_NO_DATABASE: Final = frozenset({"3D000", "1049"})
_NOT_ENCRYPTED: Final = frozenset({"2026"})
_SAID: Final = {
    "no such table": "the catalog has no such tables: this is another database, or another file",
    "unable to open database file": "the file of the catalog is not there, or may not be read",
    "file is not a database": "the file of the catalog is no SQLite database",
    "database is locked": "the catalog is locked for too long by whoever writes there",
    "Peer authentication failed": "the catalog's server takes this user only from the system's user of that "
    "name: name an address in catalog, such as postgresql://jobreport@127.0.0.1/bareos",
    "password authentication failed": "the catalog does not take who signs in: password_file has the password",
    "server does not support SSL": "the catalog is on another machine, and its server does not encrypt",
    "role ": "the server of the catalog has no such user",
    "no password supplied": "the catalog wants a password: password_file names the file that has it",
}
"""What drivers say without a code."""
_SILENT: Final = ("Connection refused", "Can't connect", "timeout expired", "resolve host", "translate host")
"""What drivers say where nobody answers, or there is no such machine."""


class RefusedError(CannotReadError):
    """Raised if who signed in may not read a table."""


class _PassingError(CannotReadError):
    """Raised if the database could not be asked, and may well be the next time."""


class Database:
    """The database of a catalog. Raises CannotReadError if its driver is not there, or its password."""

    def __init__(self, settings: Settings) -> None:
        url, connecting = _to_connect(settings)
        scheme = urlsplit(settings.catalog).scheme
        extra = {POSTGRESQL: "postgres", SQLITE: ""}.get(scheme, "mariadb")
        with needed(extra):
            # One connection is enough, and it is made when something is asked.
            self._engine = create_engine(url, connect_args=connecting, poolclass=StaticPool, hide_parameters=True)

    def close(self) -> None:
        """Closes the connection."""
        self._engine.dispose()

    def ask(self, question: str, what: str, **values: Any) -> list[Row]:
        """Returns all rows that a question gives. `what` is said in messages: `Job`. Raises CannotReadError, and
        RefusedError.
        """
        again = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(_PassingError),
            stop=tenacity.stop_after_attempt(_TRIES),
            wait=tenacity.wait_exponential(0.2, 5.0),
            reraise=True,
        )
        return again(self._ask, question, what, values)

    def _ask(self, question: str, what: str, values: dict[str, Any]) -> list[Row]:
        with self._connected(what) as connection:
            return [dict(row) for row in connection.execute(text(question), values).mappings()]

    @contextmanager
    def _connected(self, what: str) -> Iterator[Connection]:
        try:
            with self._engine.connect() as connection:
                yield connection
        except DBAPIError as error:
            self._engine.dispose()  # what is wrong with the connection is not there in the next
            raise _in_words(error, what) from None
        except SQLAlchemyError as error:
            raise CannotReadError(f"the catalog cannot be read ({type(error).__name__})") from None


def _to_connect(settings: Settings) -> tuple[URL, dict[str, Any]]:
    """Returns the URL that the library takes, and what its driver is told: to read only, to wait not for ever, and to
    take no certificate that it cannot check.
    """
    parts = urlsplit(settings.catalog)
    if parts.scheme == SQLITE:
        file = quote(parts.path[1:])
        return make_url(f"sqlite:///file:{file}?mode=ro&uri=true"), {"timeout": _ANSWER_SECONDS}
    url = make_url(settings.catalog)
    if settings.password_file:
        try:
            url = url.set(password=secret_files.only("password_file", settings.password_file))
        except secret_files.SecretFileError as error:
            raise CannotReadError(str(error)) from None
    here = is_here(settings.catalog)
    if parts.scheme in MARIADB:
        connecting: dict[str, Any] = {
            "connect_timeout": _CONNECT_SECONDS,
            "read_timeout": _ANSWER_SECONDS,
            "init_command": "SET SESSION TRANSACTION READ ONLY",
            "charset": "utf8mb4",
        }
        if not here:  # the driver takes nothing that is not encrypted then
            connecting["ssl"] = _trusted(settings.ca_file)
        return url.set(drivername="mysql+pymysql"), connecting
    connecting = {
        "connect_timeout": _CONNECT_SECONDS,
        "options": f"-c default_transaction_read_only=on -c statement_timeout={_ANSWER_SECONDS}s",
    }
    if not here:
        connecting |= {"sslmode": "verify-full", "sslrootcert": settings.ca_file or "system"}
    return url.set(drivername="postgresql+psycopg"), connecting


def _trusted(ca_file: str) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca_file or None)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it has no certificates"
        raise CannotReadError(f"ca_file: {ca_file} cannot be read: {reason}") from None


def _in_words(error: DBAPIError, what: str) -> CannotReadError:
    """Returns what to say of an error, and nothing of its own text, which may have a name or an address in it."""
    origin = error.orig
    # MariaDB's own number tells more than the state that SQL has for it.
    codes = {str(next(iter(getattr(origin, "args", ())), "")), getattr(origin, "sqlstate", None)}
    said = str(origin)
    if codes & _DENIED:
        return RefusedError(f"access denied for SELECT on {what} in the catalog")
    if codes & _NOT_SIGNED_IN:
        return CannotReadError(_SAID["password authentication failed"])
    if codes & _NO_TABLE:
        return CannotReadError(_SAID["no such table"])
    if codes & _NO_DATABASE or ("database" in said and "does not exist" in said):
        return CannotReadError("the server of the catalog has no such database")
    if words := next((words for part, words in _SAID.items() if part in said), ""):
        return CannotReadError(words)
    if "certificate" in said:
        return CannotReadError("the certificate of the catalog's server is not one that ca_file, or the system, trusts")
    if codes & _NOT_ENCRYPTED:
        return CannotReadError(_SAID["server does not support SSL"])
    if any(part in said for part in _SILENT):
        return _PassingError("the server of the catalog does not answer at the address that catalog names")
    return _PassingError(f"the catalog cannot be asked for {what} ({type(origin).__name__})")
