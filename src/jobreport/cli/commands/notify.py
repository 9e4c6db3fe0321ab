"""`jobreport notify`: tries channels, says what could not be delivered, and has that tried again or dropped."""

import json

import click

from jobreport.cli.actor import actor
from jobreport.cli.options.as_json import json_option
from jobreport.cli.options.channels import channel_named, channels_of, digest_named
from jobreport.cli.options.config import config_option, configuration
from jobreport.cli.options.store import open_chosen_store, store_option
from jobreport.cli.output.amounts import counted
from jobreport.cli.output.warning import warn

FAILS = 3
"""The exit code where a channel fails, but has for less than a day."""
SHOWN = 20
"""So many messages that were not delivered are shown."""


@click.group()
def notify() -> None:
    """Channels by which people and programs hear what needs somebody, as jobreport.toml names them."""


@notify.command()
@click.argument("name")
@config_option
@json_option
@click.pass_context
def test(context: click.Context, name: str, config: str | None, as_json: bool) -> None:
    """Sends a test by the channel NAME, to each of its receivers. Ends with 0 only if all have taken it.

    \b
    jobreport notify test admins
    """
    from jobreport.cli.output.texts import visible
    from jobreport.clock import now_ticks
    from jobreport.watch.channels.base import UndeliveredError
    from jobreport.watch.delivery.trial import trial

    try:
        found = trial(channel_named(config, name), now_ticks())
    except UndeliveredError as error:
        raise click.ClickException(f"{error}.") from None
    if as_json:
        click.echo(json.dumps([{"receiver": one.receiver, "error": one.error or None} for one in found], indent=2))
    else:
        for one in found:
            click.echo(visible(f"{one.receiver}: {one.error or 'taken'}"))
    context.exit(1 if any(one.error for one in found) else 0)


@notify.command()
@config_option
@json_option
@store_option
@click.pass_context
def status(context: click.Context, config: str | None, as_json: bool, store: str | None) -> None:
    """Says how delivery stands: of each channel what waits, since when, and what could not be delivered within a day.

    Ends with 1 if something could not be delivered, so that a check by a program notices; with 3 if nothing was given
    up, but a channel does not take what is tried again.

    \b
    jobreport notify status
    """
    from jobreport.cli.output.deliveries import document, show
    from jobreport.store.watch import deliveries
    from jobreport.watch.delivery.channel_status import statuses

    known = [(one.name, one.kind.name) for one in channels_of(configuration(config))]
    with open_chosen_store(store).reading() as transaction:
        found = statuses(transaction, known)
        failed = deliveries.undelivered(transaction, failed=True, most=SHOWN)
        waiting = deliveries.undelivered(transaction, failed=False, most=SHOWN)
    if as_json:
        click.echo(json.dumps(document(found, failed, waiting), indent=2))
    else:
        show(found, failed, waiting)
    if any(one.backlog.failed for one in found):
        context.exit(1)
    context.exit(FAILS if waiting else 0)


@notify.command()
@click.argument("name")
@click.option("--tenant", help="Only the letter of this tenant.")
@config_option
@json_option
@store_option
def digest(name: str, tenant: str | None, config: str | None, as_json: bool, store: str | None) -> None:
    """Shows the digest NAME as it would be now. It is neither sent nor noted.

    \b
    jobreport notify digest morning
    """
    from jobreport.cli.output.texts import visible
    from jobreport.watch.channels import letter
    from jobreport.watch.channels.webhook import body
    from jobreport.watch.digests.making import as_of_now, unknown_tenants

    one = digest_named(config, name)
    chosen = open_chosen_store(store)
    for unknown in unknown_tenants(chosen, one):
        warn(f"the store has no tenant {unknown!r}, which the digest {name} names")
    found = [each for each in as_of_now(chosen, one) if tenant in (None, each.tenant_name)]
    if as_json:
        click.echo(json.dumps([body(each)["data"] for each in found], indent=2))
        return
    for each in found:
        click.echo("\n".join(visible(line) for line in letter.text(each).splitlines()) + "\n")
    if not found:
        click.echo("It is about no tenant.")


@notify.command()
@click.argument("name", required=False)
@json_option
@store_option
def retry(name: str | None, as_json: bool, store: str | None) -> None:
    """Has all that could not be delivered so far tried now, and for another day; or only what goes by the channel NAME.

    Of what was given up and of what waits alike: for when a channel is mended.

    The audit log has who did it.

    \b
    jobreport notify retry admins
    """
    from jobreport.identity.undelivered import try_again

    again = try_again(open_chosen_store(store), name, by=actor())
    if as_json:
        click.echo(json.dumps({"retried": again}))
    else:
        click.echo(f"Tries {counted(again, 'message')} again.")


@notify.command()
@click.argument("name", required=False)
@json_option
@store_option
def drop(name: str | None, as_json: bool, store: str | None) -> None:
    """Drops all that could not be delivered, or only what goes by the channel NAME: you know it by now.

    The audit log has who did it.

    \b
    jobreport notify drop admins
    """
    from jobreport.identity import undelivered

    dropped = undelivered.drop(open_chosen_store(store), name, by=actor())
    if as_json:
        click.echo(json.dumps({"dropped": dropped}))
    else:
        click.echo(f"Dropped {counted(dropped, 'message')}.")
