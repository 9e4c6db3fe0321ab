"""The option `--store`, and the store that it names, which is open as long as the command runs.

The store's libraries are loaded only when the store is opened: a command that only asks a server, or prints its help,
does not wait for them.
"""

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from jobreport import settings
from jobreport.cli.options.environment import on_command_line, option
from jobreport.cli.output.warning import warn

if TYPE_CHECKING:
    from jobreport.store import Store

F = TypeVar("F", bound=Callable[..., Any])


def store_option(function: F) -> F:
    """Adds `--store URL`."""
    return option(
        "--store",
        envvar=settings.STORE,
        metavar="URL",
        help="The store: sqlite:////srv/jobreport/jobs.db or postgresql://user@host/database.",
    )(function)


def chosen_store(url: str | None) -> str:
    """Returns the URL of the store that is used: the one that was named, or that of the service that is installed on
    this machine, or else the default one.

    Says on standard error, once, which store it is, unless the command line names it: whoever works on a wrong store
    should notice it at once. A store that JOBREPORT_STORE names is said on a terminal only, since scripts name theirs
    so.
    """
    from jobreport.store import shown

    if url:
        if not on_command_line("store") and sys.stderr is not None and sys.stderr.isatty():
            _say_once(f"the store is {shown(url)} ({settings.STORE})")
        return url
    if service := settings.installed():
        _say_once(f"the store is {shown(service.store)}, of the service that is installed here ({service.file})")
        return service.store
    url = settings.default_store()
    _say_once(f"the store is {url} (the default; --store names another)")
    return url


def _say_once(text: str) -> None:
    """Warns, unless this command has said the same before: some open the store twice."""
    context = click.get_current_context(silent=True)
    said = context.meta.setdefault(__name__, set()) if context else set()
    if text not in said:
        said.add(text)
        warn(text)


def open_chosen_store(url: str | None, *, create: bool = False) -> "Store":
    """Opens the store at `url`, or the one that `chosen_store` finds, and says which it is.

    Makes one only with `create`. Never changes the tables of an older version: only `serve` and `migrate` do, since an
    older server may still use the store. When the command ends, its entries in the audit log are sealed, and the store
    is closed.
    """
    return open_at(chosen_store(url), create=create, migrate=False)


def open_at(url: str, *, create: bool, migrate: bool | None) -> "Store":
    """Opens the store at `url` until the command ends. `create` and `migrate` are passed on to `open_store`. If its
    file was upgraded, warns and names the copy that was made before.
    """
    from jobreport.cli.output.progress import upgrade_progress
    from jobreport.store import open_store

    try:
        with upgrade_progress() as advance:
            store = open_store(url, create=create, migrate=migrate, progress=advance)
    except KeyboardInterrupt:
        warn("stopped. If an upgrade of the store had begun, nothing is lost: the next start goes on from there")
        raise
    if store.upgrade_copy:
        warn(f"the store was upgraded to this version; as it was before, it is kept in {store.upgrade_copy}")
    if context := click.get_current_context(silent=True):
        context.call_on_close(lambda: _seal_and_close(store))
    return store


def _seal_and_close(store: "Store") -> None:
    """Seals the command's entries in the audit log if the secret key is here; without it, a server does so later.

    The command has done its work by now, so an error here is only a warning and never makes the command fail.
    """
    from jobreport.store import StoreError
    from jobreport.store.registry import audit_log

    try:
        with store.reading() as transaction:
            has_new = bool(audit_log.unsealed(transaction))
        if has_new:
            _seal(store)
    except StoreError as error:
        warn(f"the audit log is not sealed yet; a server does it later: {error}")
    except Exception as error:  # noqa: BLE001 - the command's own work is done and must not look failed
        warn(f"the audit log is not sealed yet; a server does it later: {type(error).__name__}")
    finally:
        store.close()


def _seal(store: "Store") -> None:
    from jobreport.audit import sealing
    from jobreport.identity.keys.encryption import SecretKey, SecretKeyError

    secret: str | None = None
    try:
        secret = settings.secret(settings.SECRET_KEY)
        keys = sealing.keys_of(store, SecretKey(secret) if secret else None)
        if keys and sealing.seal(store, keys):
            warn("the audit log is broken, and was not sealed: jobreport audit --verify says where")
    except settings.SettingError as error:
        warn(f"the audit log is not sealed yet; a server does it later: {error}")
    except SecretKeyError as error:
        if secret:  # otherwise this shell was not given what decrypts the keys
            warn(f"the audit log is not sealed yet; a server does it later: {error}")
