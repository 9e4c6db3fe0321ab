"""`jobreport inbox key`: the ping key of a tenant, below which all of its inboxes have an address by their slugs."""

import json

import click

from jobreport.cli.actor import actor
from jobreport.cli.options.as_json import json_option
from jobreport.cli.options.inboxes import secret_key, tenant_option, told, url_option
from jobreport.cli.options.store import open_chosen_store, store_option


@click.command()
@tenant_option
@click.option("--rotate", is_flag=True, help="Make another key. The old one is not found any more.")
@click.option("--revoke", is_flag=True, help="Delete the key. Addresses by slugs are not found any more.")
@url_option
@json_option
@store_option
def key(tenant: str, rotate: bool, revoke: bool, url: str, as_json: bool, store: str | None) -> None:
    """Prints the address below which each inbox has an address by its slug; makes a ping key if there is none.

    Whoever has the key can report jobs of every inbox of the tenant, and make inboxes (create=1); and read nothing.

    \b
    jobreport inbox key
    jobreport inbox key --tenant acme --rotate
    """
    from jobreport.identity import inboxes

    if rotate and revoke:
        raise click.UsageError("--rotate and --revoke exclude each other.")
    chosen = open_chosen_store(store)
    if revoke:
        told(lambda: inboxes.end_ping_key(chosen, tenant=tenant, by=actor()))
        click.echo(json.dumps({"tenant": tenant}, indent=2) if as_json else f"Revoked the ping key of {tenant}.")
        return
    secret = secret_key()
    found = told(lambda: inboxes.ping_key(chosen, secret, tenant=tenant, rotate=rotate, by=actor()))
    address = f"{url.rstrip('/')}/ping/{found}/"
    click.echo(json.dumps({"tenant": tenant, "key": found, "address": address}, indent=2) if as_json else address)
