"""`jobreport connectors`: what can be read, how a connector is set up, whether it sees all, how far each has come."""

import json

import click

from jobreport.cli.actor import actor
from jobreport.cli.options.as_json import json_option
from jobreport.cli.options.config import config_option
from jobreport.cli.options.connectors import connector_named
from jobreport.cli.options.store import open_chosen_store, store_option
from jobreport.cli.options.types import Span
from jobreport.cli.output.amounts import counted
from jobreport.cli.output.warning import warn


@click.group()
def connectors() -> None:
    """Connectors: they read the jobs of the systems in which backups run, as jobreport.toml says.

    A server reads them at their intervals; `jobreport collect` reads one now.
    """


@connectors.command()
@json_option
def kinds(as_json: bool) -> None:
    """Lists the kinds of connectors that there are, and which of them need an extra that is not installed."""
    from jobreport.connectors import kinds as known
    from jobreport.extras import is_installed

    found = []
    for name in known.names():
        try:
            found.append(known.load(name))
        except known.KindError as error:  # of another package; the others can be used
            warn(str(error))
    absent = {kind.extra for kind in found if not is_installed(kind.extra)}
    if as_json:
        keys = [{"kind": one.name, "sees": one.sees, "about": one.about, "extra": one.extra} for one in found]
        click.echo(json.dumps([one | {"installed": one["extra"] not in absent} for one in keys], indent=2))
        return
    width = max(len(kind.name) for kind in found)
    for kind in found:
        lacks = f" (the extra {kind.extra} is not installed)" if kind.extra in absent else ""
        click.echo(f"{kind.name:{width}}  sees {kind.sees:7}  {kind.about}{lacks}")


@connectors.command()
@click.argument("kind")
@json_option
def describe(kind: str, as_json: bool) -> None:
    """Shows the settings of a connector of this KIND in jobreport.toml, and which rights it needs.

    \b
    jobreport connectors describe exec
    """
    from jobreport.cli.output.connectors import description, show_description
    from jobreport.connectors import kinds as known

    try:
        found = known.load(kind)
    except known.KindError as error:
        raise click.ClickException(f"{error}.") from None
    if as_json:
        click.echo(json.dumps(description(found), indent=2))
    else:
        show_description(found)


@connectors.command("test")
@click.argument("name")
@click.option("--since", type=Span(), default="1d", show_default=True, metavar="AGE", help="How far back it looks.")
@config_option
@json_option
@click.pass_context
def test_(context: click.Context, name: str, since: int, config: str | None, as_json: bool) -> None:
    """Tries the connector NAME without storing anything.

    It signs in, asks for each right that a full view needs, and shows what a look brings. Ends with 0 only if no right
    is missing, there is a stream, and every stream can be read.

    \b
    jobreport connectors test prod
    """
    from jobreport.cli.output.connectors import show_trial, trial_json
    from jobreport.clock import now_ticks
    from jobreport.connectors.trial import trial
    from jobreport.model import ticks

    found = trial(connector_named(config, name), now_ticks(), since * ticks.PER_SECOND)
    if as_json:
        click.echo(trial_json(found))
    else:
        show_trial(found)
    context.exit(0 if found.whole else 1)


@connectors.command("list")
@click.option("--tenant", help="Only those of this tenant.")
@json_option
@store_option
def list_(tenant: str | None, as_json: bool, store: str | None) -> None:
    """Lists the streams of all connectors: when each was last read, its newest job, what it lacks.

    Where a stream sees results, a run that failed leaves no trace there: then only the newest result is told.
    """
    import msgspec

    from jobreport.cli.output.connectors import show_standings
    from jobreport.contract.connectors_answer import connectors_answer
    from jobreport.identity.tenants import TenantError, readable
    from jobreport.store.registry import connectors as rows

    chosen = open_chosen_store(store)
    try:
        only = readable(chosen, tenant).number if tenant is not None else None
    except TenantError as error:
        raise click.ClickException(f"{error}.") from None
    with chosen.reading() as transaction:
        names = sorted(rows.tenants_with_connectors(transaction).items())
        found = {name: rows.standings(transaction, number) for number, name in names if only in (None, number)}
    now = chosen.clock()
    answers = {name: connectors_answer(standings, now) for name, standings in found.items()}
    if as_json:
        click.echo(json.dumps({name: msgspec.to_builtins(answer) for name, answer in answers.items()}, indent=2))
    elif answers:
        show_standings(answers, now)
    else:
        click.echo("No connector has been read yet.")


@connectors.command()
@click.argument("name")
@click.argument("stream", required=False)
@click.option("--tenant", default="default", show_default=True, help="Whose connector it is.")
@json_option
@store_option
def acknowledge(name: str, stream: str | None, tenant: str, as_json: bool, store: str | None) -> None:
    """Ends the holes of the connector NAME, or only of one STREAM of it: you know that these jobs are missing for ever.

    The audit log has who did it.

    \b
    jobreport connectors acknowledge prod
    jobreport connectors acknowledge prod eu-central-1/copy-jobs
    """
    ended = _end(store, tenant, name, stream, forget=False)
    if as_json:
        click.echo(json.dumps({"connector": name, "stream": stream, "holes": ended}))
    else:
        click.echo(f"Ended {counted(ended, 'hole')}.")


@connectors.command()
@click.argument("name")
@click.argument("stream", required=False)
@click.option("--tenant", default="default", show_default=True, help="Whose connector it is.")
@json_option
@store_option
def forget(name: str, stream: str | None, tenant: str, as_json: bool, store: str | None) -> None:
    """Forgets the connector NAME, or only one STREAM of it: nobody misses its data any more. Its jobs stay.

    For a connector that was taken out of jobreport.toml or got another name there, and for a stream that its origin
    does not list any more. What is still in the file is read anew, from 30 days ago. The audit log has who did it.

    \b
    jobreport connectors forget prod
    jobreport connectors forget prod eu-central-1/copy-jobs
    """
    _end(store, tenant, name, stream, forget=True)
    if as_json:
        click.echo(json.dumps({"connector": name, "stream": stream, "forgotten": True}))
    else:
        click.echo(f"Forgot {f'{stream} of ' if stream else ''}the connector {name}. Its jobs stay.")


def _end(store: str | None, tenant: str, name: str, stream: str | None, *, forget: bool) -> int:
    """Ends the holes of a connector or a stream, or all that is known of it. Returns the number of holes."""
    from jobreport.identity.connectors import ConnectorError, end
    from jobreport.identity.tenants import TenantError

    chosen = open_chosen_store(store)
    try:
        return end(chosen, tenant, name, stream, forget=forget, by=actor())
    except (ConnectorError, TenantError) as error:
        raise click.ClickException(f"{error}.") from None
