"""`jobreport tenant summary`: how each tenant stands, from a server or a store."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import click
import msgspec

from jobreport.cli.options.as_json import json_option
from jobreport.cli.options.connection import CONNECTION_OPTIONS
from jobreport.cli.options.read_from import connected, is_server
from jobreport.cli.options.store import open_chosen_store, store_option

if TYPE_CHECKING:
    from jobreport.contract.tenants_answer import TenantsSummary

_OPTIONS: Final[tuple[Callable[[Any], Any], ...]] = (json_option, *CONNECTION_OPTIONS, store_option)


def _options(function: Callable[..., None]) -> Callable[..., None]:
    for add in reversed(_OPTIONS):
        function = add(function)
    return function


@click.command()
@_options
def summary(*, as_json: bool, **options: Any) -> None:
    """Tells how each tenant stands: how many series it has, how many need somebody, how many are not good,
    and its oldest last good copy.

    Asks the server of --url for the tenants that a provider's app may ask for; without one, reads all tenants of the
    store, also those that are suspended.

    \b
    jobreport tenant summary
    jobreport tenant summary --json | jq '.tenants[] | select(.lastJob == null)'
    """
    answer = _from_server(options) if is_server(options) else _from_store(options)
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(answer), indent=2).decode())
        return
    from jobreport.cli.output.console import console
    from jobreport.cli.output.tenants import tenant_table

    if answer.tenants:
        console().print(tenant_table(answer.tenants))
    elif is_server(options):
        console().print("This app may ask for no tenant that is not suspended.")
    else:
        console().print("There is no tenant yet: jobreport tenant create --help")


def _from_server(options: dict[str, Any]) -> "TenantsSummary":
    with connected({**options, "tenant": None}) as client:
        return client.tenants_summary()


def _from_store(options: dict[str, Any]) -> "TenantsSummary":
    from jobreport.contract.tenants_answer import tenants_summary
    from jobreport.watch.numbers import standing_by_name

    store = open_chosen_store(options["store"], create=False)
    return tenants_summary(store.tenants_summary(None, suspended=True), standing_by_name(store, None, suspended=True))
