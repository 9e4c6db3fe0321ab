"""`jobreport backup`: copies a whole store into one file, while a server goes on reading and writing it."""

import json
from pathlib import Path

import click

from jobreport.cli.options.as_json import json_option
from jobreport.cli.options.store import open_chosen_store, store_option
from jobreport.cli.output.amounts import counted
from jobreport.cli.output.progress import progress


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="Replace FILE if it exists.")
@json_option
@store_option
def backup(file: Path, force: bool, as_json: bool, store: str | None) -> None:
    """Copies a whole store to FILE, as it is at one moment. The server may keep running.

    FILE contains the signing keys and the hashes of the apps' secrets, so only its owner may read it. It appears only
    when it is complete, is on disk, and was read again as a check.

    \b
    jobreport backup /srv/backup/jobreport.db --force
    jobreport backup "/srv/backup/jobreport-$(date +%F).db" --store sqlite:////srv/jobreport/jobs.db
    """
    from jobreport.store.admin import backup as files

    source = open_chosen_store(store)
    try:
        with progress("Copying", 1) as advance:
            done = files.backup(source, file, force=force, on_progress=lambda pages, whole: advance(pages / whole, 0))
    except FileExistsError:
        raise click.ClickException(f"{file} is there already: --force replaces it") from None
    if as_json:
        click.echo(json.dumps({"file": str(file.absolute()), "jobs": done.jobs, "bytes": done.bytes}))
        return
    click.echo(f"{file}: {counted(done.jobs, 'job')}, {done.bytes:,} bytes, whole and read again.")
