"""The options that say where reports of jobs go: to a server, or to a store, and into which spool until they can."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click
import platformdirs

from jobreport import settings
from jobreport.cli.options.connection import CONNECTION_OPTIONS, connection
from jobreport.cli.options.environment import on_command_line, option
from jobreport.cli.options.store import store_option
from jobreport.runner.delivery import ServerSink, SetupError, Sink, store_sink
from jobreport.runner.spool import Spool
from jobreport.settings import SettingError

if TYPE_CHECKING:
    from jobreport.client import JobReportClient, JobReportError

F = TypeVar("F", bound=Callable[..., Any])

_OPTIONS: Final[tuple[Callable[[Any], Any], ...]] = (
    *CONNECTION_OPTIONS,
    store_option,
    option(
        "--tenant",
        envvar=settings.TENANT,
        default="default",
        show_default=True,
        metavar="NAME",
        help="With --store: whose job it is. With --url, as an option: for whom a provider's app reports.",
    ),
    option(
        "--spool",
        envvar=settings.SPOOL,
        type=click.Path(readable=False, path_type=Path),  # looked at later: `run` has a backup to run first
        metavar="DIR",
        help="Where reports wait that could not be delivered.  [default: the user's state folder]",
    ),
)


def destination_options(function: F) -> F:
    """`--store`, `--tenant`, `--spool`, and those of a connection."""
    for add in reversed(_OPTIONS):
        function = add(function)
    return function


def state_folder() -> Path:
    """Where the platform has a program keep what outlives its run.

    For a user without a home, as in a container, a folder that cannot be: a backup runs all the same.
    """
    try:
        return Path(platformdirs.user_state_dir("jobreport", appauthor=False))
    except RuntimeError:
        return Path(os.devnull) / "no-home"


def open_spool(folder: Path | None) -> Spool:
    """The spool that was named, or the user's own."""
    return Spool(folder or state_folder() / "spool")


def open_sink(options: Mapping[str, Any]) -> Sink:
    """The server, else the store; what was given on the command line stands before the environment.

    Never fails: where something is missing or cannot be used, reports wait in the spool, and the sink says why.
    """
    store = options["store"]
    if store and (not options["url"] or (on_command_line("store") and not on_command_line("url"))):
        return store_sink(store, options["tenant"])
    found = connection(options)

    def connect() -> "JobReportClient":
        try:
            return found.client(retries=0)  # delivery has its own patience, and a spool behind it
        except SettingError as error:
            raise SetupError(str(error)) from None

    command = click.get_current_context().command  # now: a report is sent by another thread, which has no context

    def told(error: "JobReportError") -> str:
        from jobreport.cli.options.flag_messages import by_flags, flags

        return by_flags(error, flags(command))

    return ServerSink(
        connect,
        url=found.url,
        client_id=found.client_id,
        tenant=found.tenant or "",
        told=told,
    )
