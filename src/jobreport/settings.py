"""Reads settings from environment variables and secret files; nothing else in the program reads the environment."""

import os
import shlex
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

import msgspec
import platformdirs

if TYPE_CHECKING:
    import socket
    import ssl

STORE: Final = "JOBREPORT_STORE"
URL: Final = "JOBREPORT_URL"
CLIENT_ID: Final = "JOBREPORT_CLIENT_ID"
CLIENT_SECRET: Final = "JOBREPORT_CLIENT_SECRET"  # noqa: S105 - the variable's name, not a secret
CLIENT_CERTIFICATE: Final = "JOBREPORT_CLIENT_CERTIFICATE"
CLIENT_KEY: Final = "JOBREPORT_CLIENT_KEY"
HOST: Final = "JOBREPORT_HOST"
PORT: Final = "JOBREPORT_PORT"
WORKERS: Final = "JOBREPORT_WORKERS"
PUBLIC_URL: Final = "JOBREPORT_PUBLIC_URL"
TLS_CERT: Final = "JOBREPORT_TLS_CERT"
TLS_KEY: Final = "JOBREPORT_TLS_KEY"
TRUSTED_PROXY: Final = "JOBREPORT_TRUSTED_PROXY"
INSECURE_HTTP: Final = "JOBREPORT_INSECURE_HTTP"
SECRET_KEY: Final = "JOBREPORT_SECRET_KEY"  # noqa: S105 - the variable's name, not a secret
KEY_DAYS: Final = "JOBREPORT_KEY_DAYS"
TRUST_ISSUER: Final = "JOBREPORT_TRUST_ISSUER"
SIGN_IN_PROVIDER: Final = "JOBREPORT_SIGN_IN_PROVIDER"
SIGN_IN_SECRET: Final = "JOBREPORT_SIGN_IN_SECRET"  # noqa: S105 - the variable's name, not a secret
LOG_FORMAT: Final = "JOBREPORT_LOG_FORMAT"
RATE_LIMIT: Final = "JOBREPORT_RATE_LIMIT"
PING_LIMIT: Final = "JOBREPORT_PING_LIMIT"
SMTP: Final = "JOBREPORT_SMTP"
SMTP_CERTIFICATE: Final = "JOBREPORT_SMTP_CERTIFICATE"
SMTP_NETWORK: Final = "JOBREPORT_SMTP_NETWORK"
SMTP_SENDER: Final = "JOBREPORT_SMTP_SENDER"
METRICS: Final = "JOBREPORT_METRICS"
KEEP_ALIVE: Final = "JOBREPORT_KEEP_ALIVE"
TENANT: Final = "JOBREPORT_TENANT"
SPOOL: Final = "JOBREPORT_SPOOL"
SETTINGS: Final = "JOBREPORT_SETTINGS"
CONFIG: Final = "JOBREPORT_CONFIG"
INSTALLED_STORE: Final = "sqlite:////var/lib/jobreport/jobs.db"
"""The store of an installed service whose settings name no other, as its unit has it (deploy/jobreport.service)."""
_SETTINGS_FOLDER: Final = "/etc/jobreport"
_CONFIG_FILE: Final = "jobreport.toml"
_OWN_SECRETS: Final = (CLIENT_SECRET, SECRET_KEY, SIGN_IN_SECRET)
_NOTIFY_SOCKET: Final = "NOTIFY_SOCKET"
_SUDO_USER: Final = "SUDO_USER"
_COLUMNS: Final = "COLUMNS"
_TOO_WIDE: Final = 10_000
_LC_CTYPE: Final = "LC_CTYPE"
_COERCED: Final = ("C.UTF-8", "C.utf8", "UTF-8")  # what Python sets it to


class SettingError(Exception):
    """Raised when a setting cannot be used. The message names the setting and says what would be right."""


class MailSettings(msgspec.Struct, frozen=True, kw_only=True):
    """How a server process takes mails, from a socket that all of them share.

    `networks` are those from which mails come, each with the tenant whose inboxes it reaches by their slugs (empty:
    none's); without any, all may come. `senders` are addresses, or domains behind an @; without any, everybody may.
    `tls` makes the certificate's context; None: nothing is encrypted. `must_encrypt`: all must be.
    """

    listener: "socket.socket"
    networks: tuple[tuple[str, str], ...] = ()
    senders: tuple[str, ...] = ()
    tls: "Callable[[], ssl.SSLContext] | None" = None
    must_encrypt: bool = False


class ServerSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The settings of a server process. They can be pickled, so that worker processes get the same settings.

    `public_url` is issuer and audience of every token, without a trailing slash. `secret_key` is what the store's
    signing keys are encrypted with, `key_days` the age at which they are replaced (0: never), `trusted` the outside
    issuers, each as it was written. `rate_limit` is how many requests an app may send in how many seconds, to each
    server process; `ping_limit`, how many pings an address takes. `provider` is the OpenID provider by which people
    sign in, as it was written, and `provider_secret` what the service proves itself with there. `config` is the
    path of `jobreport.toml` as it was named, None: where it is looked for; `tables` is what it said when the service
    started, so that a process which takes the place of another reads deliveries as the others do. `mails` is None if
    none are taken. `metrics_port` is the port on which metrics are told without a token, None: on none; `counts` is the
    folder in which several processes keep what they count. It never shows a secret.
    """

    store: str
    public_url: str
    log_json: bool = True
    secret_key: str | None = None
    key_days: int = 0
    trusted: tuple[str, ...] = ()
    rate_limit: tuple[int, int] | None = None
    ping_limit: tuple[int, int] = (300, 60)
    provider: str = ""
    provider_secret: str | None = None
    config: str | None = None
    tables: str = ""
    mails: MailSettings | None = None
    metrics_port: int | None = None
    counts: str = ""

    def __repr__(self) -> str:
        return f"ServerSettings(public_url={self.public_url!r})"


def secret_variable(name: str) -> str | None:
    """Returns the name of the variable that gives the secret, `name` or `name`_FILE; None if neither is set. Raises
    SettingError if both are set.
    """
    set_ = [one for one in (name, f"{name}_FILE") if os.environ.get(one)]
    if len(set_) > 1:
        raise SettingError(f"{' and '.join(set_)} are both set; set one of them")
    return set_[0] if set_ else None


def secret_file(name: str) -> str | None:
    """Returns the path of the file that contains the secret; None if no file is named. Raises SettingError as
    `secret_variable` does.
    """
    variable = secret_variable(name)
    return os.environ[variable] if variable and variable != name else None


def secret(name: str) -> str | None:
    """Returns the secret from the variable `name`, or from the file that `name`_FILE names; None if neither is set.

    Raises SettingError if the file cannot be read, or both are set. One line end after the secret is not part of it.
    """
    variable = secret_variable(name)
    if variable is None:
        return None
    file = os.environ[variable]
    if variable == name:
        return file
    try:
        content = Path(file).read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingError(f"{name}_FILE: cannot read {file}: {getattr(error, 'strerror', None) or error}") from None
    if not content:
        raise SettingError(f"{name}_FILE: {file} is empty")
    return content


def environment_without_secrets() -> dict[str, str]:
    """Returns the environment of this process without our own secrets, for a child process that runs other code than
    ours.
    """
    environment = {name: value for name, value in os.environ.items() if name not in _OWN_SECRETS}
    if environment.get(_LC_CTYPE) in _COERCED:
        # Python may have set it for itself, and so for every child (PEP 538); a program's language and files' names
        # would be others under it.
        given = _given_lc_ctype()
        if given is None:
            del environment[_LC_CTYPE]
        else:
            environment[_LC_CTYPE] = given
    return environment


def environment_for(store: str) -> dict[str, str]:
    """Returns the environment for a command of this program that shall use the store at this URL, which may hold a
    password and so is no argument.
    """
    return {**os.environ, STORE: store}


def _given_lc_ctype() -> str | None:
    """Returns LC_CTYPE as it was when this process began; None if it was not set."""
    name = f"{_LC_CTYPE}=".encode()
    try:
        began = Path("/proc/self/environ").read_bytes().split(b"\0")
    except OSError:
        # In UTF-8 mode that nobody asked for, Python found the locale C, and so set the variable itself.
        coerced = sys.flags.utf8_mode and "utf8" not in sys._xoptions and "PYTHONUTF8" not in os.environ
        return None if coerced else os.environ.get(_LC_CTYPE)
    return next((os.fsdecode(entry[len(name) :]) for entry in began if entry.startswith(name)), None)


def sudo_user() -> str | None:
    """Returns the user who called sudo; None if sudo was not used."""
    return os.environ.get(_SUDO_USER) or None


def columns() -> int | None:
    """Returns how many characters wide the output shall be where it is no terminal; None if nobody says so."""
    columns = os.environ.get(_COLUMNS, "")
    return int(columns) if columns.isdecimal() and 0 < int(columns) < _TOO_WIDE else None


def notify_socket() -> str | None:
    """Returns the socket on which systemd waits for a service to be ready (sd_notify); None if it does not wait."""
    return os.environ.get(_NOTIFY_SOCKET) or None


class Installed(msgspec.Struct, frozen=True, kw_only=True):
    """What commands need to know of the service that is installed on this machine: the file of its settings, and its
    store. It never shows the store, whose URL may hold a password.
    """

    file: Path
    store: str

    def __repr__(self) -> str:
        return f"Installed(file={str(self.file)!r})"


def installed() -> Installed | None:
    """Returns the service that is installed on this machine; None if there is none.

    Its settings are in `server.env`, in /etc/jobreport or in the folder that JOBREPORT_SETTINGS names. If they name a
    secret key, it counts for this process too, unless its environment names one. Raises SettingError if the file cannot
    be read.
    """
    folder = os.environ.get(SETTINGS, _SETTINGS_FOLDER)
    file = Path(folder) / "server.env"
    try:
        text = file.read_text(encoding="utf-8") if folder else None
    except (FileNotFoundError, NotADirectoryError):
        text = None
    except (OSError, UnicodeDecodeError) as error:
        raise SettingError(
            f"a service is installed on this machine, but its settings in {file} cannot be read "
            f"({getattr(error, 'strerror', None) or 'no UTF-8'}): run this as root, or name the store by --store"
        ) from None
    if text is None:
        return None
    values = environment_file(text)
    if not any(os.environ.get(name) for name in (SECRET_KEY, f"{SECRET_KEY}_FILE")):
        os.environ.update({name: values[name] for name in (SECRET_KEY, f"{SECRET_KEY}_FILE") if values.get(name)})
    return Installed(file=file, store=values.get(STORE) or INSTALLED_STORE)


def installed_spool() -> str | None:
    """Returns the spool of the backups of this machine, as `runner.env` beside `server.env` names it; None if it names
    none, or cannot be read.
    """
    folder = os.environ.get(SETTINGS, _SETTINGS_FOLDER)
    try:
        text = (Path(folder) / "runner.env").read_text(encoding="utf-8") if folder else ""
    except (OSError, UnicodeDecodeError):
        return None
    return environment_file(text).get(SPOOL)


def configuration_file(named: str | None) -> Path | None:
    """Returns the path of `jobreport.toml`: as it is named, or else that in the current folder, or in the folder of the
    installed service's settings; None if there is none.
    """
    if named:
        return Path(named)
    folder = os.environ.get(SETTINGS, _SETTINGS_FOLDER)
    places = (Path(_CONFIG_FILE), *((Path(folder) / _CONFIG_FILE,) if folder else ()))
    return next((path for path in places if path.exists()), None)


def environment_file(text: str) -> dict[str, str]:
    """Returns the settings in an environment file, by name, as systemd reads it: NAME=VALUE, quotes around a value, #
    and ; before comments; the last of two lines with the same name counts (systemd.exec, EnvironmentFile=).
    """
    values: dict[str, str] = {}
    for line in text.splitlines():
        name, is_setting, value = line.strip().partition("=")
        if not is_setting or name.startswith(("#", ";")):
            continue
        value = value.strip()
        if value[:1] in ("'", '"'):
            with suppress(ValueError):  # a quote that is not closed
                value = "".join(shlex.split(value))
        values[name.strip()] = value
    return values


def default_store(name: str = "jobs.db") -> str:
    """Returns the URL of the store that is used if none is named: the file `name` in the platform's data folder."""
    path = Path(platformdirs.user_data_dir("jobreport", appauthor=False)) / name
    # A URL: what a folder's name may hold and a URL may not is written as %.
    return f"sqlite:///{quote(str(path), safe='/:')}"
