"""`jobreport run`: runs a backup command, reports it as a job while it runs, and ends with its exit code."""

import sys
from pathlib import Path
from typing import Any, Final, TextIO

import click

from jobreport import settings
from jobreport.cli.options.choices import Number
from jobreport.cli.options.completing import files, words
from jobreport.cli.options.report_to import destination_options, open_sink, open_spool, state_folder
from jobreport.cli.options.types import Code, ExitCodes, Span
from jobreport.cli.output.warning import warn
from jobreport.model.catalog import JobType, ServiceType
from jobreport.model.job import MAX_HEARTBEAT
from jobreport.runner.run import Order, Standard
from jobreport.runner.run import run as run_order
from jobreport.runner.tools.base import Tool
from jobreport.runner.tools.exit_codes import WithExitCodes
from jobreport.runner.tools.known import TOOLS, recognise, tool_named

_UNATTENDED: Final = 600.0
_AT_A_TERMINAL: Final = 30.0
"""How many seconds the delivery is tried after the command's end."""


@click.command(
    # Our options end where the backup command begins, so that none of its options is taken for one of ours.
    context_settings={"allow_interspersed_args": False}
)
@click.option("--service", type=Code(ServiceType), metavar="NAME", help="What is protected, such as FileShare or 8.")
@click.option("--type", "kind", type=Code(JobType), metavar="NAME", help="What is done, such as FileBackup or 1024.")
@click.option(
    "--tool",
    default="auto",
    show_default=True,
    metavar="NAME",
    shell_complete=words(["auto", *TOOLS]),
    help=f"auto, {', '.join(TOOLS)}.",
)
@click.option(
    "--success-codes",
    type=ExitCodes(),
    metavar="CODES",
    help="Exit codes of the command that mean success beside 0, such as 1,3-7.",
)
@click.option(
    "--warning-codes",
    type=ExitCodes(),
    metavar="CODES",
    help="Exit codes that mean an end with errors: the job is then an Exception.",
)
@click.option("--plan", default="", show_default=False, metavar="NAME", help="The plan that this run belongs to.")
@click.option(
    "--description",
    default="",
    show_default=False,
    metavar="TEXT",
    help="What the job is about; it is what searches look at.",
)
@click.option(
    "--resource",
    default="",
    show_default=False,
    metavar="TEXT",
    help="What is backed up, where the command does not say.",
)
@click.option(
    "--heartbeat",
    type=Number(0, MAX_HEARTBEAT),
    default=30,
    show_default=True,
    metavar="SECONDS",
    help="How often to give a sign of life; 0 for none.",
)
@click.option(
    "--lock",
    default="",
    show_default=False,
    metavar="NAME",
    help="Wait until no other run of this user holds this lock.",
)
@click.option(
    "--deliver-for",
    type=Span(),
    metavar="TIME",
    help="How long to try to deliver the report after the command's end, such as 30s, 10m, 2h.  "
    "[default: 10m; 30s on a terminal]",
)
@click.option(
    "--expect",
    multiple=True,
    metavar="TEXT",
    help='What to expect of these runs, declared after the first run: 26h, "0 2 * * *", "every 4h", '
    '"tz Europe/Berlin". '
    "Repeatable; needs --plan or --resource.",
)
@destination_options
@click.argument(
    "command", nargs=-1, required=True, type=click.UNPROCESSED, metavar="-- COMMAND...", shell_complete=files
)
@click.pass_context
def run(
    context: click.Context,
    /,
    service: ServiceType | None,
    kind: JobType | None,
    tool: str,
    success_codes: frozenset[int] | None,
    warning_codes: frozenset[int] | None,
    plan: str,
    description: str,
    resource: str,
    heartbeat: int,
    lock: str,
    deliver_for: int | None,
    expect: tuple[str, ...],
    spool: Path | None,
    command: tuple[str, ...],
    **options: Any,
) -> None:
    """Run a backup command and report it as a job while it runs.

    The command runs as it does alone: its output and its exit code are passed through, and a problem with the report
    never makes the backup fail. Of our environment it gets all but our secrets (JOBREPORT_CLIENT_SECRET,
    JOBREPORT_SECRET_KEY, JOBREPORT_SIGN_IN_SECRET). After the command's end, delivery of the report is tried for
    some time (--deliver-for). Ctrl-C ends this and loses nothing: the report stays on disk for the next run, or for
    `jobreport flush`.

    It signs in with the client secret in JOBREPORT_CLIENT_SECRET, or in the file that JOBREPORT_CLIENT_SECRET_FILE
    names; or with a certificate, by --client-certificate.

    \b
    Examples:
      jobreport run -- restic -r /srv/repo backup /home --json
      jobreport run --plan nightly --lock repo -- borg create --json --log-json /srv/borg::{now} /etc
      jobreport run --service AzureFile --type FileSync -- rclone sync /data remote:data -v --use-json-log
      jobreport run --plan nightly --expect "0 2 * * *" --expect "tz Europe/Berlin" -- tar -cf /srv/home.tar /home
      jobreport run --warning-codes 1 --success-codes 3-5 -- /usr/local/bin/nightly.sh
      jobreport run --store sqlite:////srv/jobreport/jobs.db -- pg_dump -Fc -f /srv/shop.dump shop
    """
    try:
        reading: Tool = recognise(command) if tool.casefold() == "auto" else tool_named(tool)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--tool") from None
    success, warning = success_codes or frozenset(), warning_codes or frozenset()
    if both := success & warning:
        raise click.BadParameter(f"{min(both)} is also in --success-codes", param_hint="--warning-codes")
    if success or warning:
        reading = WithExitCodes(reading, success, warning)
    declared = None
    if expect:
        from jobreport.cli.options.expected import declare, expected_of

        declared = expected_of(expect, plan, resource)
    order = Order(
        command=command,
        tool=reading,
        service=service,
        type=kind,
        plan=plan,
        description=description,
        resource=resource,
        heartbeat=heartbeat,
        deliver_for=_patience() if deliver_for is None else deliver_for,
        lock=lock,
        locks=state_folder() / "locks",
        environment=settings.environment_without_secrets(),
    )
    ours = Standard(
        stdin=_descriptor(sys.__stdin__), stdout=_descriptor(sys.__stdout__), stderr=_descriptor(sys.__stderr__)
    )
    status = run_order(order, open_sink(options), open_spool(spool), ours, warn)
    if declared:
        declare(declared, options, state_folder() / "expected")
    context.exit(status)


def _patience() -> float:
    """Returns the seconds for which delivery is tried if nothing else was said: fewer where somebody waits for it."""
    return _AT_A_TERMINAL if sys.stderr is not None and sys.stderr.isatty() else _UNATTENDED


def _descriptor(stream: TextIO | None) -> int | None:
    """Returns the stream's descriptor; None if the stream was closed when we started, since its number may now belong
    to another file.
    """
    return None if stream is None else stream.fileno()
