"""The settings of a connector of the kind `bareos`, and what each key means."""

import re
from typing import Final
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from jobreport.hosts import is_loopback

_NAME: Final = re.compile(r"[ -~]{1,127}")
PORT: Final = 9101
"""Where a director listens for consoles, unless it is told otherwise."""
_MOST_PORT: Final = 65_535
SQLITE: Final = "sqlite"
POSTGRESQL: Final = "postgresql"
MARIADB: Final = frozenset({"mariadb", "mysql"})


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The settings of a connector of this kind."""

    director: str
    address: str = ""
    console: str = "*UserAgent*"
    catalog: str = ""
    password_file: str = ""
    ca_file: str = ""
    timezone: str = ""
    partial: bool = False

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.director):
            raise ValueError("director must be its Name, such as bareos-dir")
        if bool(self.address) == bool(self.catalog):
            raise ValueError("it must have one of address and catalog")
        if self.address:
            _check_address(self)
        else:
            _check_catalog(self)
        if self.timezone:
            try:
                ZoneInfo(self.timezone)
            except (ZoneInfoNotFoundError, ValueError, OSError):
                raise ValueError("timezone must be the name of one, such as Europe/Berlin") from None

    @property
    def host(self) -> tuple[str, int]:
        """The host and the port of the director's console."""
        parts = urlsplit(f"//{self.address}")
        return parts.hostname or "", parts.port or PORT

    @property
    def zone(self) -> ZoneInfo | None:
        """The director's time zone, if it is told."""
        return ZoneInfo(self.timezone) if self.timezone else None


KEYS: Final = {
    "director": "The director's Name, in the IDs of its jobs: each director has its own, whichever connectors read it.",
    "address": "Where a Bareos director answers consoles, such as backup.example.com:9101; or else its catalog.",
    "console": "The name of the console that signs in there; left out: the default one, with the director's password.",
    "catalog": "The database of a Bareos or Bacula director's catalog: postgresql://jobreport@db.example.com/bareos, "
    "mariadb://jobreport@db.example.com/bacula or sqlite:////var/lib/bacula/bacula.db.",
    "password_file": "A file with the password of the console, or of the database's user.",
    "ca_file": "A PEM file with the authorities that the database's certificate may come from; by default the usual "
    "ones. The console has no certificate: its password is the key of the connection.",
    "timezone": "The director's time zone, such as Europe/Berlin; left out: as each record tells it.",
    "partial": "Whether the console may be one that sees only some jobs; otherwise hidden ones are no data.",
}


def _check_address(settings: Settings) -> None:
    try:
        parts = urlsplit(f"//{settings.address}")
        right = bool(parts.hostname) and parts.netloc == settings.address and "@" not in settings.address
        right = right and 0 < (parts.port or PORT) <= _MOST_PORT
    except ValueError:
        right = False
    if not right:
        raise ValueError("address must be a host, or a host and a port, such as backup.example.com:9101")
    if not settings.password_file:
        raise ValueError("password_file must name a file with the console's password")
    if not _NAME.fullmatch(settings.console):
        raise ValueError("console must be the name of a Console in the director's configuration")


def _check_catalog(settings: Settings) -> None:
    try:
        parts = urlsplit(settings.catalog)
        port = parts.port
    except ValueError:
        parts, port = SplitResult("", "", "", "", ""), None
    if parts.password is not None:
        raise ValueError("catalog must not have a password: put it into a file, and name that by password_file")
    if parts.scheme == SQLITE:
        if parts.netloc or not parts.path.startswith("//") or parts.query or parts.fragment:
            raise ValueError("catalog must name a file by its whole path, such as sqlite:////var/lib/bacula/bacula.db")
        return
    if parts.scheme not in {POSTGRESQL, *MARIADB} or not parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError("catalog must be such as postgresql://jobreport@db.example.com/bareos, without parameters")
    if not parts.username or port == 0:
        raise ValueError("catalog must name the user that reads, such as postgresql://jobreport@db.example.com/bareos")


def is_here(catalog: str) -> bool:
    """Whether a database is asked on this machine itself: by its socket, or over a loopback address."""
    host = urlsplit(catalog).hostname
    return not host or is_loopback(host)
