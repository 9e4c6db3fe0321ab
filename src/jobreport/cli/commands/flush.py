"""`jobreport flush`: sends the reports that earlier runs could not deliver. They wait in a folder, the spool."""

import json
from pathlib import Path
from typing import Any

import click

from jobreport.cli.options.as_json import json_option
from jobreport.cli.options.report_to import destination_options, open_sink, open_spool_with_warning
from jobreport.cli.output.warning import warn
from jobreport.runner.flush import Flushed
from jobreport.runner.flush import flush as flush_spool
from jobreport.runner.report_file import Difference

_WAIT = 60.0  # seconds for another flush to end


@click.command()
@click.option("--any-client", is_flag=True, help="Also deliver what was to be reported under another client ID.")
@click.option("--any-server", is_flag=True, help="Also deliver what was to be reported to another address.")
@json_option
@destination_options
@click.pass_context
def flush(
    context: click.Context,
    /,
    any_client: bool,
    any_server: bool,
    as_json: bool,
    spool: Path | None,
    **options: Any,
) -> None:
    """Deliver the reports of earlier runs that could not be delivered then.

    Made for a timer: it is quick and does no harm when nothing waits, when it runs twice, and beside running jobs.
    Each report goes to the server, the app and the tenant that it was made for; one that was made for no tenant goes to
    that of --tenant. Ends with 1 while a report still waits,
    and while there is one that was refused: it is kept, and `jobreport spool` shows why, and what can be done.

    \b
    Examples:
      jobreport flush
      jobreport flush --url https://backup.example.com --client-id 0f8e...
    """
    reports = open_spool_with_warning(spool)
    ignored: set[Difference] = set()
    if any_client:
        ignored.add("client")
    if any_server:
        ignored.add("server")
    try:
        if reports.waiting():
            result = flush_spool(reports, open_sink(options), warn, ignored=ignored, wait=_WAIT, adopt=True)
            said = f"{result.delivered} delivered, {result.refused} refused, {reports.count()} waiting"
        else:
            result, said = Flushed(), f"no reports are waiting in {reports.folder}"
        waiting, refused = reports.count(), reports.count_refused()
    except OSError as error:
        raise click.ClickException(f"the spool {reports.folder} cannot be used: {error.strerror or error}") from None
    if as_json:
        counts = {"delivered": result.delivered, "refused": result.refused, "waiting": waiting, "keptRefused": refused}
        click.echo(json.dumps(counts))
    else:
        click.echo(said)
    if result.reason:
        warn(f"{waiting} still waiting: {result.reason}")
    if refused:
        warn(f"{refused} refused, and kept in {reports.aside}: `jobreport spool list` says why")
    if waiting or refused:
        context.exit(1)
