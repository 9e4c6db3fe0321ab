"""The options that say where jobs are read from in; a server's client, or a store and one of its tenants, out."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final, TypeVar

import click

from jobreport import settings
from jobreport.cli.options.connection import CONNECTION_OPTIONS, connection
from jobreport.cli.options.faults import flags, told
from jobreport.cli.options.store import by_hand, open_chosen_store, option, store_option
from jobreport.cli.output.warning import warn
from jobreport.client import JobReportClient, JobReportError
from jobreport.identity.tenants import TenantError, readable
from jobreport.store import Store

F = TypeVar("F", bound=Callable[..., Any])

_RETRIES: Final = 2
"""Somebody waits."""

_OPTIONS: Final[tuple[Callable[[Any], Any], ...]] = (
    *CONNECTION_OPTIONS,
    option(
        "--tenant",
        envvar=settings.TENANT,
        default="default",
        show_default=True,
        help="With a store: whose jobs. With a server, as an option: whose jobs a provider's app asks for.",
    ),
    store_option,
)


def reading_options(function: F) -> F:
    """`--tenant`, `--store`, and those of a connection."""
    for add in reversed(_OPTIONS):
        function = add(function)
    return function


def is_server(options: Mapping[str, Any]) -> bool:
    """Whether a server is asked: where one is named, and no store on the command line."""
    return bool(options["url"]) and not by_hand("store")


@contextmanager
def connected(options: Mapping[str, Any]) -> Iterator[JobReportClient]:
    """A client of the server; SettingError where its settings do not do. What the server refuses is told by flags."""
    with connection(options).client(retries=_RETRIES) as client:
        try:
            yield client
        except JobReportError as error:
            raise JobReportError(told(error, flags())) from None


def opened(options: Mapping[str, Any]) -> tuple[Store, int]:
    """The store, and the number of the tenant whose jobs are read; says so where that is suspended."""
    store = open_chosen_store(options["store"], create=False)
    try:
        whose = readable(store, options["tenant"])
    except TenantError as error:
        raise click.ClickException(str(error)) from None
    if unusable := whose.unusable():
        warn(unusable)
    return store, whose.number
