"""The options that say where reports go in; the sink and the spool out."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

import click
import platformdirs

from jobreport import settings
from jobreport.cli.options import option, store_option
from jobreport.client import JobReportClient
from jobreport.runner.delivery import ClientSink, MissingSink, Sink, store_sink
from jobreport.runner.spool import Spool

F = TypeVar("F", bound=Callable[..., Any])

_OPTIONS: Final[tuple[Callable[[Any], Any], ...]] = (
    option("--url", envvar=settings.URL, metavar="URL", help="The server, such as https://backup.example.com."),
    option("--client-id", envvar=settings.CLIENT_ID, metavar="ID", help="The app registration to report as."),
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
        type=click.Path(file_okay=False, path_type=Path),
        metavar="DIR",
        help="Where reports wait that could not be delivered.  [default: the user's state folder]",
    ),
)


def destination_options(function: F) -> F:
    """`--url`, `--client-id`, `--store`, `--tenant`, `--spool`."""
    for add in reversed(_OPTIONS):
        function = add(function)
    return function


def state_folder() -> Path:
    """Where the platform has a program keep what outlives its run."""
    return Path(platformdirs.user_state_dir("jobreport", appauthor=False))


def open_spool(folder: Path | None) -> Spool:
    """The spool that was named, or the user's own."""
    return Spool(folder or state_folder() / "spool")


def open_sink(url: str | None, client_id: str | None, store: str | None, tenant: str) -> Sink:
    """The server, else the store; what was given on the command line stands before the environment.

    Never fails: where something is missing, reports wait in the spool, and the sink says why.
    """
    context = click.get_current_context()
    given = click.core.ParameterSource.COMMANDLINE
    by_hand = context.get_parameter_source("store") is given and context.get_parameter_source("url") is not given
    if store and (not url or by_hand):
        return store_sink(store, tenant)
    url, client_id = url or "", client_id or ""
    try:
        secret = settings.secret(settings.CLIENT_SECRET)
    except settings.SettingError as error:
        return MissingSink(str(error), url, client_id)
    wanted = ((settings.URL, url), (settings.CLIENT_ID, client_id), (settings.CLIENT_SECRET, secret))
    missing = [name for name, value in wanted if not value]
    if missing or not secret:
        return MissingSink(f"not set: {', '.join(missing)}", url, client_id)
    # An app of one tenant has no other, whatever the environment says for the sake of stores.
    named = tenant if context.get_parameter_source("tenant") is given else None
    return ClientSink(JobReportClient(url, client_id, secret, tenant=named))
