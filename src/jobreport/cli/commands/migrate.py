"""`jobreport migrate`: a store's URL in; its tables brought to this version's schema, and spread over a cluster."""

from contextlib import closing

import click

from jobreport.cli.options.store import open_chosen_store, store_option
from jobreport.store.admin.distribute import distribute as spread
from jobreport.store.admin.distribute import is_distributed


@click.command()
@click.option("--distribute", is_flag=True, help="Split the tables by tenant over the nodes of a Citus cluster.")
@store_option
def migrate(distribute: bool, store: str | None) -> None:
    """Brings a store to this version: makes the tables, or changes them. Does nothing where nothing is to do.

    A file is migrated by `serve` itself, after it was copied; the copy lies beside it. A store on PostgreSQL is
    shared, so only this command changes its tables: run it once before the first start, and once for each new version.

    With --distribute the tables, and the jobs that they hold, are spread over the nodes of a Citus cluster. Once that
    is done, those of later versions are as well.

    \b
    jobreport migrate --store postgresql://jobreport@db.example.com/jobreport
    jobreport migrate --store postgresql://jobreport@coordinator.example.com/jobreport --distribute
    """
    with closing(open_chosen_store(store, migrate=True)) as target:
        click.echo("The store is up to date.")
        if not distribute and not is_distributed(target):
            return
        now = spread(target)
    for said, names in (("Split by tenant", now.split), ("On every node", now.copied)):
        if names:
            click.echo(f"{said}: {', '.join(names)}.")
    if distribute and not now.split + now.copied:
        click.echo("Every table is distributed already.")
