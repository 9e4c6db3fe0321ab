"""`jobreport wall`: makes the addresses for screens on walls, lists and ends them."""

import json

import click

from jobreport.cli.actor import actor
from jobreport.cli.options.as_json import json_option
from jobreport.cli.options.store import open_chosen_store, store_option
from jobreport.model import ticks


@click.group()
def wall() -> None:
    """Walls: screens that show the overview of a tenant, by an address that reads nothing else.

    Nobody signs in at such a screen. Whoever has its address sees the overview, so end it when the screen is gone.
    """


@wall.command()
@click.argument("name")
@click.option("--tenant", default="default", show_default=True, help="Whose overview it shows.")
@click.option("--url", default="http://127.0.0.1:8080", show_default=True, help="Where people reach the server.")
@json_option
@store_option
def create(name: str, tenant: str, url: str, as_json: bool, store: str | None) -> None:
    """Makes the address for a screen called NAME. It is shown only once.

    \b
    jobreport wall create "hall, 2nd floor" --tenant acme --url https://jobs.example.com
    """
    from jobreport.identity.operators import walls
    from jobreport.identity.tenants import TenantError

    try:
        made, token = walls.create(open_chosen_store(store), name=name, tenant=tenant, by=actor())
    except (walls.WallError, TenantError) as error:
        raise click.ClickException(f"{error}.") from None
    address = f"{url.rstrip('/')}/wall?token={token}"
    if as_json:
        click.echo(
            json.dumps({"id": walls.wall_id(made), "name": name, "tenant": tenant, "address": address}, indent=2)
        )
    else:
        click.echo(f"Open this address on the screen. It is shown only now:\n{address}")


@wall.command("list")
@json_option
@store_option
def list_(as_json: bool, store: str | None) -> None:
    """Lists the walls, oldest first."""
    from jobreport.cli.output.console import console
    from jobreport.cli.output.tables import print_table
    from jobreport.identity.operators.walls import wall_id
    from jobreport.store.registry import tenants, walls

    with open_chosen_store(store).reading() as transaction:
        found = walls.list_walls(transaction)
        names = {one.number: one.name for one in tenants.list_tenants(transaction)}
    rows = [(wall_id(one), one.name, names.get(one.tenant, f"#{one.tenant}"), one.created) for one in found]
    if as_json:
        keys = ("id", "name", "tenant")
        documents = [
            {**dict(zip(keys, row[:3], strict=True)), "created": ticks.to_iso(row[3], digits=0)} for row in rows
        ]
        click.echo(json.dumps(documents, indent=2))
    elif rows:
        from rich import box
        from rich.table import Table
        from rich.text import Text

        table = Table("ID", "Name", "Tenant", "Made", box=box.SIMPLE_HEAD)
        for one, name, tenant, created in rows:
            table.add_row(*map(Text, (one, name, tenant, f"{ticks.local(created):%Y-%m-%d %H:%M}")))
        print_table(console(), table)
    else:
        click.echo("There is no wall.")


@wall.command()
@click.argument("name")
@json_option
@store_option
def end(name: str, as_json: bool, store: str | None) -> None:
    """Ends a wall, by its name or its ID. Its address shows nothing any more.

    \b
    jobreport wall end "hall, 2nd floor"
    """
    from jobreport.identity.operators import walls

    try:
        ended = walls.end(open_chosen_store(store), name, by=actor())
    except walls.WallError as error:
        raise click.ClickException(f"{error}.") from None
    if as_json:
        click.echo(json.dumps({"id": walls.wall_id(ended), "name": ended.name}, indent=2))
    else:
        click.echo(f"Ended {ended.name}.")
