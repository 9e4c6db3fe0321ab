"""The options that say where jobs are read from: from a server, or from one tenant of a store on this machine."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from jobreport import settings
from jobreport.cli.options.connection import CONNECTION_OPTIONS, connection
from jobreport.cli.options.environment import on_command_line, option
from jobreport.cli.options.flag_messages import by_flags, flags
from jobreport.cli.options.store import open_chosen_store, store_option
from jobreport.cli.output.warning import warn

if TYPE_CHECKING:
    from jobreport.client import JobReportClient
    from jobreport.store import Store

F = TypeVar("F", bound=Callable[..., Any])

_RETRIES: Final = 2
"""Retries of a request; only a few, because somebody waits for the answer."""

_OPTIONS: Final[tuple[Callable[[Any], Any], ...]] = (
    *CONNECTION_OPTIONS,
    option(
        "--tenant",
        envvar=settings.TENANT,
        default="default",
        show_default=True,
        help="With a store: whose jobs. With a server, where it is set: whose jobs a provider's app asks for.",
    ),
    store_option,
)


def reading_options(function: F) -> F:
    """Adds `--tenant`, `--store` and the options of a connection."""
    for add in reversed(_OPTIONS):
        function = add(function)
    return function


def is_server(options: Mapping[str, Any]) -> bool:
    """Returns whether a server is asked: if one is named, and the command line names no store."""
    return bool(options["url"]) and not on_command_line("store")


@contextmanager
def connected(options: Mapping[str, Any]) -> Iterator["JobReportClient"]:
    """Opens a client of the server. Raises SettingError if its settings cannot be used. If the server refuses a
    parameter, the message names the flag.
    """
    from jobreport.client import JobReportError

    with connection(options).client(retries=_RETRIES) as client:
        try:
            yield client
        except JobReportError as error:
            raise JobReportError(by_flags(error, flags(click.get_current_context().command))) from None


def opened(options: Mapping[str, Any]) -> tuple["Store", int]:
    """Opens the store. Returns it and the number of the tenant whose jobs are read. Warns if the
    tenant is suspended.
    """
    from jobreport.identity.tenants import TenantError, readable

    store = open_chosen_store(options["store"])
    try:
        whose = readable(store, options["tenant"])
    except TenantError as error:
        raise click.ClickException(str(error)) from None
    if unusable := whose.unusable():
        warn(unusable)
    return store, whose.number
