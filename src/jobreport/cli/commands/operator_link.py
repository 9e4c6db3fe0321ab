"""`jobreport operator link`: makes an address that signs an operator in once."""

import json

import click

from jobreport.cli.actor import actor
from jobreport.cli.commands.operator_password import done_or_told, name_argument
from jobreport.cli.options.as_json import json_option
from jobreport.cli.options.choices import Number
from jobreport.cli.options.store import open_chosen_store, store_option


@click.command()
@name_argument
@click.option("--minutes", type=Number(1, 1440), default=15, show_default=True, help="For how long it is good.")
@click.option("--url", default="http://127.0.0.1:8080", show_default=True, help="Where people reach the server.")
@json_option
@store_option
def link(name: str, minutes: int, url: str, as_json: bool, store: str | None) -> None:
    """Makes an address that signs an operator in once, without the password. Earlier ones of this operator end.

    Give it to nobody else: whoever opens it first is signed in.

    \b
    jobreport operator link anna --url https://jobs.example.com
    """
    from jobreport.identity.operators import links

    chosen = open_chosen_store(store)
    found, token = done_or_told(lambda: links.create(chosen, name, minutes=minutes, by=actor()))
    address = f"{url.rstrip('/')}/sign-in/link?key={token}"
    if as_json:
        click.echo(json.dumps({"name": found.name, "minutes": minutes, "address": address}, indent=2))
    else:
        click.echo(address)
        lasts = "1 minute" if minutes == 1 else f"{minutes} minutes"
        click.echo(f"It signs in {found.name} once, in the next {lasts}. It cannot be shown again.", err=True)
