"""`jobreport ticks`: turns a time into .NET ticks, and back."""

import json

import click

from jobreport.cli.options.as_json import json_option
from jobreport.clock import now_ticks
from jobreport.model import ticks as times


@click.command()
@click.argument("moment", required=False)
@json_option
def ticks(moment: str | None, as_json: bool) -> None:
    """Turns a time into .NET ticks, and ticks into a time. Without an argument: now.

    The first command prints 639310176000000000, the second 2026-11-23T08:00:00.0000000Z. --json has both.

    \b
    jobreport ticks 2026-11-23T08:00Z
    jobreport ticks 639310176000000000
    """
    given = moment is not None and moment.lstrip("-").isdigit()
    try:
        at = now_ticks() if moment is None else times.check(int(moment)) if given else times.from_iso(moment)
    except ValueError as error:
        raise click.BadParameter(str(error) if given else f"{moment!r}: {error}", param_hint="MOMENT") from None
    if as_json:
        click.echo(json.dumps({"ticks": at, "time": times.to_iso(at)}))
    else:
        click.echo(times.to_iso(at) if given else at)
