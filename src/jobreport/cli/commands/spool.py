"""`jobreport spool`: shows the reports that could not be delivered, and says what becomes of them."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
import msgspec

from jobreport import settings
from jobreport.cli.options.as_json import json_option
from jobreport.cli.options.environment import is_set
from jobreport.cli.options.report_to import destination_options, open_sink, open_spool_with_warning, spool_option
from jobreport.cli.output.amounts import counted
from jobreport.cli.output.warning import warn
from jobreport.contract.job_document import job_to_wire
from jobreport.model import ticks

if TYPE_CHECKING:
    from jobreport.runner.report_file import Entry
    from jobreport.runner.spool import Spool

_WAITING: Final = "waiting"
_REFUSED: Final = "refused"


@click.group()
def spool() -> None:
    """Reports that could not be delivered: they wait in a folder, the spool.

    `jobreport flush` delivers those that wait. A report that a server refused is kept, and not sent again before
    `retry` or `redirect` puts it back.
    """


@spool.command("list")
@json_option
@spool_option
def list_(as_json: bool, spool: Path | None) -> None:
    """Lists the reports that wait and those that were refused. Ends with 0 also if there are some.

    \b
    jobreport spool list
    """
    with _usable(spool) as reports:
        entries, damaged = _entries(reports), reports.damaged()
    if as_json:
        click.echo(json.dumps([_document(entry) for entry in entries] + [_of_damaged(file) for file in damaged]))
        return
    for entry in entries:
        state = f"{_REFUSED}: {entry.reason}" if entry.reason else _WAITING
        click.echo(f"{entry.job.job_id}  {entry.job.state.name}  {ticks.local(entry.job.start):%Y-%m-%d %H:%M}")
        click.echo(f"  {entry.job.description or entry.job.plan or '-'}")
        click.echo(f"  for {entry.destination or 'any destination'}")
        click.echo(f"  {state}")
    for file in damaged:
        click.echo(f"{file.name}\n  no report: it cannot be understood")
    refused = sum(bool(entry.reason) for entry in entries)
    click.echo(
        f"{len(entries) - refused} waiting, {refused} refused, {len(damaged)} damaged, in {reports.folder}"
        if entries or damaged
        else f"no reports are waiting in {reports.folder}"
    )


@spool.command()
@click.argument("job_id")
@spool_option
def show(job_id: str, spool: Path | None) -> None:
    """Prints one report as JSON: its job, for which destination it is, and why it was refused.

    \b
    jobreport spool show FB20261128220000000-5r6o5zfpsi
    """
    with _usable(spool) as reports:
        (entry,) = _chosen(_entries(reports), (job_id,), every=False)
    document = msgspec.json.encode({**_document(entry), "job": job_to_wire(entry.job)})
    click.echo(msgspec.json.format(document, indent=2))


@spool.command()
@click.argument("job_ids", nargs=-1, metavar="[JOB_ID]...")
@click.option("--all", "every", is_flag=True, help="All that were refused.")
@spool_option
def retry(job_ids: tuple[str, ...], every: bool, spool: Path | None) -> None:
    """Puts refused reports back among those that wait: the next flush sends them again.

    \b
    jobreport spool retry --all && jobreport flush
    """
    with _usable(spool) as reports:
        chosen = _chosen([*reports.refused()], job_ids, every=every)
        for entry in chosen:
            reports.wait_again(entry)
    click.echo(f"{len(chosen)} put back; `jobreport flush` sends them")


@spool.command()
@click.argument("job_ids", nargs=-1, metavar="[JOB_ID]...")
@click.option("--all", "every", is_flag=True, help="All that wait, and all that were refused.")
@destination_options
def redirect(job_ids: tuple[str, ...], every: bool, spool: Path | None, **options: Any) -> None:
    """Gives reports another destination: the server or store, and the app, that are set now. Refused ones wait again.

    For a server that has moved, and for a report that was made with a wrong setting. The tenant of a report stays,
    unless --tenant or JOBREPORT_TENANT names another.

    \b
    jobreport spool redirect --all --url https://new.example.com --client-id 0f8e... && jobreport flush
    jobreport spool redirect FB20261128220000000-5r6o5zfpsi --tenant acme && jobreport flush
    """
    sink = open_sink(options)
    if not sink.address:
        raise click.UsageError(f"No destination is set: give --url or --store, or set {settings.URL}.")
    with _usable(spool) as reports:
        chosen = _chosen(_entries(reports), job_ids, every=every)
        for entry in chosen:
            tenant = sink.tenant if is_set("tenant") else entry.tenant
            reports.wait_again(
                msgspec.structs.replace(entry, url=sink.address, client_id=sink.client_id, tenant=tenant)
            )
    click.echo(f"{counted(len(chosen), 'report')} now for {sink.address}; `jobreport flush` sends what waits")


@spool.command()
@click.argument("job_ids", nargs=-1, metavar="[JOB_ID]...")
@click.option("--all", "every", is_flag=True, help="All that were refused, and all files that are no reports.")
@click.option("--yes", is_flag=True, help="Delete them; otherwise only says what would be deleted.")
@spool_option
def discard(job_ids: tuple[str, ...], every: bool, yes: bool, spool: Path | None) -> None:
    """Deletes reports for good: no server will ever know of these runs.

    \b
    jobreport spool discard FB20261128220000000-5r6o5zfpsi --yes
    """
    with _usable(spool) as reports:
        damaged = reports.damaged() if every else []
        chosen = _chosen([*reports.refused()] if every else _entries(reports), job_ids, every=every)
        for entry in chosen if yes else ():
            if entry.reason:
                reports.discard(entry.path)
            else:
                reports.remove(entry.job)
        for file in damaged if yes else ():
            reports.discard(file)
    number = len(chosen) + len(damaged)
    click.echo(f"{number} deleted" if yes else f"{number} would be deleted: --yes does it")


@contextmanager
def _usable(folder: Path | None) -> "Iterator[Spool]":
    reports = open_spool_with_warning(folder)
    try:
        yield reports
    except OSError as error:
        raise click.ClickException(f"the spool {reports.folder} cannot be used: {error.strerror or error}") from None


def _entries(spool: "Spool") -> "list[Entry]":
    """Returns the reports that wait, then those that were refused."""
    return [*spool.entries(warn), *spool.refused()]


def _chosen(entries: "Sequence[Entry]", job_ids: Sequence[str], *, every: bool) -> "list[Entry]":
    if every == bool(job_ids):
        raise click.UsageError("Name the jobs of the reports, or --all.")
    if every:
        return list(entries)
    known = {entry.job.job_id: entry for entry in entries}
    if missing := [job_id for job_id in job_ids if job_id not in known]:
        raise click.ClickException(f"there is no such report of job {missing[0]}: `jobreport spool list` shows all")
    return [known[job_id] for job_id in dict.fromkeys(job_ids)]


def _document(entry: "Entry") -> dict[str, object]:
    return {
        "jobId": entry.job.job_id,
        "standing": _REFUSED if entry.reason else _WAITING,
        "reason": entry.reason,
        "url": entry.url,
        "clientId": entry.client_id,
        "tenant": entry.tenant,
        "state": entry.job.state.name,
        "description": entry.job.description,
        "startTime": ticks.to_iso(entry.job.start),
        "file": str(entry.path),
    }


def _of_damaged(file: Path) -> dict[str, object]:
    return {"jobId": None, "standing": "damaged", "file": str(file)}
