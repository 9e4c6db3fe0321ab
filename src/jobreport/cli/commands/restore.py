"""`jobreport restore`: replaces a store by the copy of it in a backup file."""

import json
from pathlib import Path

import click
import msgspec

from jobreport.cli.actor import actor
from jobreport.cli.options.as_json import json_option
from jobreport.cli.options.store import chosen_store, store_option
from jobreport.cli.output.amounts import counted
from jobreport.cli.output.warning import warn


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--yes", "--force", "yes", is_flag=True, help="Replace a store with something in it; it is put aside.")
@click.option("--end-addresses", is_flag=True, help="End all addresses of inboxes, and all ping keys.")
@json_option
@store_option
def restore(file: Path, yes: bool, end_addresses: bool, as_json: bool, store: str | None) -> None:
    """Replaces the store at --store by the one in FILE, which jobreport backup made.

    FILE is looked at first: one that is damaged, of another program or of a newer version is refused, and nothing
    is changed. Stop the server first. The store that is replaced is kept beside the new one, under another name. The
    new file gets its owner and mode; if there was no store, it gets the owner of its folder.

    \b
    jobreport restore /srv/backup/jobreport.db
    jobreport restore /srv/backup/jobreport.db --yes --store sqlite:////srv/jobreport/jobs.db
    """
    from jobreport.store.admin import backup as files

    try:
        done = files.restore(file, chosen_store(store), replace=yes, end_addresses=end_addresses, by=actor())
    except files.OccupiedStoreError as error:
        raise click.ClickException(f"{error}: --yes puts it aside and this one in its place") from None
    except OSError as error:
        raise click.ClickException(f"{error.filename or file}: {error.strerror or error}") from None
    if as_json:
        click.echo(json.dumps(msgspec.structs.asdict(done)))
        return
    repaired = f" {done.repaired:,} wrong counts were repaired." if done.repaired else ""
    click.echo(f"In place: {counted(done.jobs, 'job')} of {counted(done.tenants, 'tenant')}.{repaired}")
    if done.ended:
        click.echo(f"Addresses of inboxes, and ping keys, that are not valid any more: {done.ended:,}.")
    if done.addresses and not done.compared:
        warn(
            f"{done.addresses:,} addresses of inboxes and ping keys are valid as they were in the backup, also if they "
            "were replaced or revoked since: jobreport inbox rotate ends one, restore --end-addresses all of them"
        )
    if done.aside:
        click.echo(f"The store that was there is kept: {done.aside}")
