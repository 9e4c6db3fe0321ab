"""`jobreport tenant set`: changes when a tenant's nights begin, and which copies are good."""

import json

import click

from jobreport.cli.actor import actor
from jobreport.cli.options.as_json import json_option
from jobreport.cli.options.choices import OneOf
from jobreport.cli.options.store import open_chosen_store, store_option


@click.command("set")
@click.argument("name")
@click.option("--tz", "zone", metavar="ZONE", help="Its time zone, by its name in the IANA database: Europe/Berlin.")
@click.option("--night", metavar="HH:MM", help="The local time at which its nights begin: 18:00.")
@click.option(
    "--good",
    type=OneOf(["successful", "exceptions"]),
    help="Which jobs leave a good copy: successful ones only, or those that finished with exceptions, too.",
)
@click.option(
    "--missed-jobs/--no-missed-jobs",
    default=None,
    help="Whether a run that did not start is written into its report, as a job that failed.  [default: it is]",
)
@json_option
@store_option
def set_(
    name: str,
    zone: str | None,
    night: str | None,
    good: str | None,
    missed_jobs: bool | None,
    as_json: bool,
    store: str | None,
) -> None:
    """Changes when a tenant's nights begin, which of its jobs leave a good copy, and whether missed runs stand in its
    report. What is not given stays.

    A night goes to the same local time of the next day, and has the name of the day on which it began. A new tenant is
    in UTC, its nights begin at 18:00, and only its successful jobs are good. With --good, all its series are judged
    again; until that is done, new reports of its jobs wait.

    \b
    jobreport tenant set acme --tz Europe/Berlin --night 18:00
    jobreport tenant set acme --good exceptions
    jobreport tenant set acme --no-missed-jobs
    """
    if zone is None and night is None and good is None and missed_jobs is None:
        raise click.UsageError("say what to change: --tz, --night, --good, or --no-missed-jobs.")
    from jobreport.identity import tenant_settings
    from jobreport.identity.tenants import TenantError

    chosen = open_chosen_store(store)
    try:
        asked = {"zone": zone, "night": night, "good": good}
        done = tenant_settings.change(chosen, name, **asked, missed_jobs=missed_jobs, by=actor())
    except TenantError as error:
        raise click.ClickException(str(error)) from None
    now = tenant_settings.settings(done)
    if as_json:
        click.echo(json.dumps({"tenant": done.name, **now}))
        return
    too = " and of those with exceptions" if done.exceptions_good else ""
    missed = "stand" if done.missed_jobs else "do not stand"
    click.echo(
        f"The nights of {done.name} begin at {now['night']} ({now['timeZone']}); "
        f"good are the copies of successful jobs{too}; runs that did not start {missed} in its report."
    )
