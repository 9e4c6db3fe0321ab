"""`jobreport ack`: somebody looks after an incident, or after all that a message is about."""

import json

import click

from jobreport.cli.actor import actor
from jobreport.cli.options.as_json import json_option
from jobreport.cli.options.moment import Moment
from jobreport.cli.options.store import open_chosen_store, store_option
from jobreport.cli.output.amounts import counted


@click.command()
@click.argument("incident", metavar="ID")
@click.option("--tenant", default="default", show_default=True, help="Whose incident it is.")
@click.option("--note", default="", help="What there is to say, up to 1,000 characters.")
@click.option("--ticket", default="", help="The number or the address of a ticket, up to 200 characters.")
@click.option(
    "--until",
    type=Moment(end=True),
    help="When it ends if nothing happens: a day such as 2026-11-30, or a time.  [default: when all is well again]",
)
@click.option("--release", is_flag=True, help="Say that you do not look after it any more.")
@json_option
@store_option
def ack(
    incident: str,
    tenant: str,
    note: str,
    ticket: str,
    until: int | None,
    release: bool,
    as_json: bool,
    store: str | None,
) -> None:
    """Says that you look after an incident: nobody is told of it again.

    ID is that of an incident, or the one in a message, which stands for all that the message is about. It ends by
    itself when all is well again, when its time is over, when it fails for another cause or does not start, or when it
    gets worse; then everybody is told again. It is the same as "I have it" in the monitor.

    \b
    jobreport ack 9f86d081884c7d65 --tenant acme --note "disk ordered" --ticket T-4711
    """
    from jobreport.identity.tenants import TenantError, readable
    from jobreport.watch import acknowledging
    from jobreport.watch.acknowledging import IncidentError
    from jobreport.watch.marks import MarkError

    if release and (note or ticket or until):
        raise click.UsageError("--release takes neither --note nor --ticket nor --until.")
    chosen = open_chosen_store(store)
    try:
        whose = readable(chosen, tenant)
        if release:
            found = acknowledging.release(chosen, whose, incident, by=actor())
        else:
            found = acknowledging.acknowledge(
                chosen, whose, incident, by=actor(), note=note, ticket=ticket, until=until or 0
            )
    except (IncidentError, MarkError, TenantError) as error:
        raise click.ClickException(f"{error}.") from None
    if as_json:
        click.echo(json.dumps({"incidents": [one.incident for one in found], "heldBy": found[0].held}))
    elif release:
        click.echo(f"Nobody has {counted(len(found), 'incident')} any more.")
    else:
        click.echo(f"You have {counted(len(found), 'incident')} now.")
