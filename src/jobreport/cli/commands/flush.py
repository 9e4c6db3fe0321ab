"""`jobreport flush`: sends the reports that earlier runs could not deliver. They wait in a folder, the spool."""

from pathlib import Path
from typing import Any

import click

from jobreport.cli.options.report_to import destination_options, open_sink, open_spool
from jobreport.cli.output.warning import warn
from jobreport.runner.spool import Difference
from jobreport.runner.spool import flush as flush_spool

_WAIT = 60.0  # seconds for another flush to end


@click.command()
@click.option("--any-client", is_flag=True, help="Also deliver what was to be reported under another client ID.")
@click.option("--any-server", is_flag=True, help="Also deliver what was to be reported to another address.")
@destination_options
@click.pass_context
def flush(
    context: click.Context,
    /,
    any_client: bool,
    any_server: bool,
    spool: Path | None,
    **options: Any,
) -> None:
    """Deliver the reports of earlier runs that could not be delivered then.

    Made for a timer: it is quick and does no harm when nothing waits, when it runs twice, and beside running jobs.
    Ends with 1 when a report is still waiting or was refused for good (it is then put aside into `refused/` in the
    spool, with the reason beside it).

    \b
    Examples:
      jobreport flush
      jobreport flush --url https://backup.example.com --client-id 0f8e...
    """
    found = open_spool(spool)
    ignored: set[Difference] = set()
    if any_client:
        ignored.add("client")
    if any_server:
        ignored.add("server")
    try:
        if not found.waiting():
            click.echo("no reports are waiting")
            return
        result = flush_spool(found, open_sink(options), warn, ignored=ignored, wait=_WAIT)
        waiting = found.count()
    except OSError as error:
        raise click.ClickException(f"the spool {found.folder} cannot be used: {error.strerror or error}") from None
    click.echo(f"{result.delivered} delivered, {result.refused} refused, {waiting} waiting")
    if result.reason:
        warn(f"{waiting} still waiting: {result.reason}")
    if waiting or result.refused:
        context.exit(1)
