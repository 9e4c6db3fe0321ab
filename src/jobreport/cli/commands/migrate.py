"""`jobreport migrate`: brings a store's tables to this version's schema, and spreads them over a Citus cluster."""

import json
from contextlib import closing

import click

from jobreport.cli.options.as_json import json_option
from jobreport.cli.options.store import chosen_store, open_at, store_option


@click.command()
@click.option("--distribute", is_flag=True, help="Split the tables by tenant over the nodes of a Citus cluster.")
@json_option
@store_option
def migrate(distribute: bool, as_json: bool, store: str | None) -> None:
    """Brings a store to this version: makes the tables, or changes them. Does nothing if the store has this version.
    A file must be there already.

    A file is migrated by `serve` itself, after it was copied; the copy lies beside it. A store on PostgreSQL is
    shared, so only this command changes its tables: run it once before the first start, and once for each new version.

    With --distribute the tables, with their jobs, are spread over the nodes of a Citus cluster. Once that is done,
    those of later versions are as well.

    \b
    jobreport migrate --store postgresql://jobreport@db.example.com/jobreport
    jobreport migrate --store postgresql://jobreport@coordinator.example.com/jobreport --distribute
    """
    from jobreport.store.admin import distribute as cluster

    now = cluster.Distributed()
    with closing(open_at(chosen_store(store), create=False, migrate=True)) as target:
        if not as_json:
            click.echo("The store is up to date.")
        if distribute or cluster.is_distributed(target):
            now = cluster.distribute(target)
    if as_json:
        click.echo(json.dumps({"upToDate": True, "splitByTenant": now.split, "onEveryNode": now.copied}))
        return
    for said, names in (("Split by tenant", now.split), ("On every node", now.copied)):
        if names:
            click.echo(f"{said}: {', '.join(names)}.")
    if distribute and not now.split + now.copied:
        click.echo("Every table is distributed already.")
