"""The options that say where job reports go: to a server or a store, and into which spool until that is possible."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click
import msgspec
import platformdirs

from jobreport import settings
from jobreport.cli.options.connection import CONNECTION_OPTIONS, connection
from jobreport.cli.options.environment import on_command_line, option
from jobreport.cli.options.store import store_option
from jobreport.cli.options.types import is_address
from jobreport.cli.output.warning import warn
from jobreport.runner.delivery import ServerSink, SetupError, Sink, store_sink
from jobreport.runner.spool import Spool
from jobreport.settings import SettingError

if TYPE_CHECKING:
    from jobreport.client import JobReportClient, JobReportError

F = TypeVar("F", bound=Callable[..., Any])

spool_option: Final[Callable[[Any], Any]] = option(
    "--spool",
    envvar=settings.SPOOL,
    type=click.Path(readable=False, path_type=Path),  # looked at later: `run` has a backup to run first
    metavar="DIR",
    help="Where reports wait that could not be delivered.  [default: the user's state folder]",
)
"""`--spool`."""
_OPTIONS: Final[tuple[Callable[[Any], Any], ...]] = (
    *CONNECTION_OPTIONS,
    store_option,
    option(
        "--tenant",
        envvar=settings.TENANT,
        default="default",
        show_default=True,
        metavar="NAME",
        help="With --store: whose job it is. With --url, where it is set: for whom a provider's app reports.",
    ),
    spool_option,
)


def destination_options(function: F) -> F:
    """Adds `--store`, `--tenant`, `--spool` and the options of a connection."""
    for add in reversed(_OPTIONS):
        function = add(function)
    return function


def state_folder() -> Path:
    """Returns the folder in which this platform keeps a program's files between its runs.

    For a user without a home folder, as in a container, this is a folder that cannot be made: the backup runs all the
    same.
    """
    try:
        return Path(platformdirs.user_state_dir("jobreport", appauthor=False))
    except RuntimeError:
        return Path(os.devnull) / "no-home"


def open_spool(folder: Path | None) -> Spool:
    """Returns the spool in the named folder, or the user's own."""
    return Spool(folder or state_folder() / "spool")


def open_spool_with_warning(folder: Path | None) -> Spool:
    """Returns the spool for a command that looks into it. Warns if the backups of this machine use another spool than
    the user's own: an empty one would say nothing about them.
    """
    reports = open_spool(folder)
    theirs = settings.installed_spool() if folder is None else None
    if theirs and Path(theirs) != reports.folder:
        warn(f"the backups of this machine keep their reports in another spool: --spool {theirs}")
    return reports


def open_sink(options: Mapping[str, Any]) -> Sink:
    """Returns the server as the destination of reports, or else the store. The command line is preferred to the
    environment.

    Never fails: if something is missing or cannot be used, reports wait in the spool, and each delivery raises the
    reason.
    """
    store = options["store"]
    if store and (not options["url"] or (on_command_line("store") and not on_command_line("url"))):
        return store_sink(store, options["tenant"])
    found = connection(options)

    def connect(tenant: str) -> "JobReportClient":
        try:
            # No retries: delivery has its own patience, and a spool behind it.
            return msgspec.structs.replace(found, tenant=tenant or None).client(retries=0)
        except SettingError as error:
            raise SetupError(str(error)) from None

    command = click.get_current_context().command  # now: a report is sent by another thread, which has no context

    def told(error: "JobReportError") -> str:
        from jobreport.cli.options.flag_messages import by_flags, flags

        return by_flags(error, flags(command))

    return ServerSink(
        connect,
        # What waits under a wrong address would wait for it for ever, also after it was put right.
        url=found.url if is_address(found.url) else "",
        client_id=found.client_id,
        tenant=found.tenant or "",
        told=told,
    )
