"""Environment variables and secret files in; settings as values out. The only reader of the environment."""

import os
from pathlib import Path
from typing import Final
from urllib.parse import quote

import msgspec
import platformdirs

STORE: Final = "JOBREPORT_STORE"
URL: Final = "JOBREPORT_URL"
CLIENT_ID: Final = "JOBREPORT_CLIENT_ID"
CLIENT_SECRET: Final = "JOBREPORT_CLIENT_SECRET"  # noqa: S105 - the variable's name, not a secret
HOST: Final = "JOBREPORT_HOST"
PORT: Final = "JOBREPORT_PORT"
WORKERS: Final = "JOBREPORT_WORKERS"
PUBLIC_URL: Final = "JOBREPORT_PUBLIC_URL"
TLS_CERT: Final = "JOBREPORT_TLS_CERT"
TLS_KEY: Final = "JOBREPORT_TLS_KEY"
TRUSTED_PROXY: Final = "JOBREPORT_TRUSTED_PROXY"
INSECURE_HTTP: Final = "JOBREPORT_INSECURE_HTTP"
LOG_FORMAT: Final = "JOBREPORT_LOG_FORMAT"
TENANT: Final = "JOBREPORT_TENANT"
SPOOL: Final = "JOBREPORT_SPOOL"
_SUDO_USER: Final = "SUDO_USER"


class SettingError(Exception):
    """A setting that cannot be used; the message names it and says what would be right."""


class ServerSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What a server process needs to know; picklable, so that worker processes get the same.

    `public_url` is issuer and audience of every token, without a trailing slash.
    """

    store: str
    public_url: str
    log_json: bool = True


def secret(name: str) -> str | None:
    """The secret in the variable `name`, or in the file that `name`_FILE names; None where neither is set.

    SettingError where the file cannot be read or both are set. One line end after the secret is not part of it.
    """
    value, file = os.environ.get(name), os.environ.get(f"{name}_FILE")
    if value and file:
        raise SettingError(f"{name} and {name}_FILE are both set; set one of them")
    if not file:
        return value or None
    try:
        found = Path(file).read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingError(f"{name}_FILE: cannot read {file}: {getattr(error, 'strerror', None) or error}") from None
    if not found:
        raise SettingError(f"{name}_FILE: {file} is empty")
    return found


def environment_without_secrets() -> dict[str, str]:
    """This process's environment for a child that is not ours: without our own secret."""
    return {name: value for name, value in os.environ.items() if name != CLIENT_SECRET}


def sudo_user() -> str | None:
    """Who became another user by sudo; None where nobody did."""
    return os.environ.get(_SUDO_USER) or None


def default_store() -> str:
    """The store's URL where none is given: a file in the platform's data folder."""
    path = Path(platformdirs.user_data_dir("jobreport", appauthor=False)) / "jobs.db"
    # A URL: what a folder's name may hold and a URL may not is written as %.
    return f"sqlite:///{quote(str(path), safe='/:')}"
