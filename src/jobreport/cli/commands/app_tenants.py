"""`jobreport app tenants`: changes which tenants a provider's app may ask for."""

import json
from typing import TYPE_CHECKING

import click

from jobreport.cli.actor import actor
from jobreport.cli.commands.app_credentials import app_argument, done_or_told, named_app
from jobreport.cli.options.as_json import json_option
from jobreport.cli.options.store import open_chosen_store, store_option
from jobreport.cli.options.types import Names

if TYPE_CHECKING:
    from jobreport.identity.apps.reach import Reach


@click.command()
@app_argument
@click.option(
    "--tenants", "names", type=Names(), default=(), help="The tenants that it may ask for from now on, with commas."
)
@click.option("--all-tenants", is_flag=True, help="Every tenant, now and later.")
@json_option
@store_option
def tenants(client_id: str, names: tuple[str, ...], all_tenants: bool, as_json: bool, store: str | None) -> None:
    """Changes the tenants that a provider's app may access. It takes effect within five seconds.

    The named tenants replace the earlier ones: name also those that the app shall keep. Only a provider's app can be
    changed; an app of a single tenant keeps that tenant.

    \b
    jobreport app tenants 3c8b… --tenants acme,globex
    jobreport app tenants 3c8b… --all-tenants
    """
    if bool(names) == all_tenants:
        raise click.UsageError("give --tenants, such as --tenants acme,globex, or --all-tenants, and not both.")
    from jobreport.identity.apps import reach

    chosen = open_chosen_store(store)
    client_id = named_app(chosen, client_id)
    app, before, now = done_or_told(
        lambda: reach.change(chosen, client_id, names=names, all_tenants=all_tenants, by=actor())
    )
    if as_json:
        document = {
            "clientId": app.client_id,
            "name": app.name,
            "tenant": app.tenant_name,
            **_document(now),
            "before": _document(before),
        }
        click.echo(json.dumps(document, indent=2))
        return
    click.echo(f"Client ID    {app.client_id}")
    click.echo(f"Name         {app.name}")
    click.echo(f"Tenant       {app.tenant_name} → {_words(now)}")
    click.echo(f"Before       {_words(before) if now != before else 'the same: nothing was changed'}")


def _document(found: "Reach") -> dict[str, object]:
    return {"tenants": list(found.tenants), "allTenants": found.all_tenants}


def _words(found: "Reach") -> str:
    return "every tenant" if found.all_tenants else ", ".join(found.tenants)
