"""`jobreport migrate`: a store's URL in; its tables brought to this version's schema."""

import click

from jobreport.cli.options import open_chosen_store, store_option


@click.command()
@store_option
def migrate(store: str | None) -> None:
    """Brings a store to this version: makes the tables, or changes them. Does nothing where nothing is to do.

    A file is migrated by `serve` itself, after it was copied; the copy lies beside it. A store on PostgreSQL is
    shared, so only this command changes its tables: run it once before the first start, and once for each new version.

    \b
    jobreport migrate --store postgresql://jobreport@db.example.com/jobreport
    """
    open_chosen_store(store, migrate=True).close()
    click.echo("The store is up to date.")
