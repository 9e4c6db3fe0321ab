"""Options that several commands share, each also an environment variable that `--help` names."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from jobreport import settings
from jobreport.cli.output.warning import warn

if TYPE_CHECKING:
    from jobreport.store import Store

F = TypeVar("F", bound=Callable[..., Any])


def option(*names: str, envvar: str, **more: Any) -> Callable[[F], F]:
    """A click option with its environment variable shown."""
    return click.option(*names, envvar=envvar, show_envvar=True, **more)


def by_hand(name: str) -> bool:
    """Whether the option was given on the command line, and not in the environment."""
    return click.get_current_context().get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE


def store_option(function: F) -> F:
    """`--store URL`."""
    return option(
        "--store",
        envvar=settings.STORE,
        metavar="URL",
        help="The store: sqlite:////srv/jobreport/jobs.db or postgresql://user@host/database.",
    )(function)


def json_option(function: F) -> F:
    """`--json`."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON, for scripts.")(function)


def open_chosen_store(url: str | None, *, create: bool = True, migrate: bool | None = None) -> "Store":
    """The store that was named, or the default one; made where there is none and migrated, if it is to be.

    Says where the copy is of a file that was upgraded.
    """
    from jobreport.store import open_store  # only commands that touch a store wait for its libraries

    store = open_store(url or settings.default_store(), create=create, migrate=migrate)
    if store.kept:
        warn(f"the store was upgraded to this version; as it was before, it is kept in {store.kept}")
    if context := click.get_current_context(silent=True):
        context.call_on_close(lambda: _seal(store))
    return store


def _seal(store: "Store") -> None:
    """Seals what the command added to the audit log, where it has the key; a server does it otherwise."""
    from jobreport.audit import sealing
    from jobreport.identity.keys.encryption import SecretKey

    try:
        if sealing.is_wanted(store):
            secret = settings.secret(settings.SECRET_KEY)
            if keys := sealing.keys_of(store, SecretKey(secret) if secret else None):
                sealing.seal(store, keys)
    except Exception:  # noqa: BLE001, S110 - the command has done its work; of the key, or the store, who serves will hear
        pass
    finally:
        store.close()
