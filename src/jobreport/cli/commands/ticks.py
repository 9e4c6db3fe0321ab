"""`jobreport ticks`: turns a time into .NET ticks, and back."""

import click

from jobreport.clock import now_ticks
from jobreport.model import ticks as times


@click.command()
@click.argument("moment", required=False)
def ticks(moment: str | None) -> None:
    """Turns a time into .NET ticks, and ticks into a time. Without an argument: now.

    The first command prints 639310176000000000, the second 2026-11-23T08:00:00.0000000Z.

    \b
    jobreport ticks 2026-11-23T08:00Z
    jobreport ticks 639310176000000000
    """
    if moment is None:
        click.echo(now_ticks())
    elif moment.lstrip("-").isdigit():
        try:
            click.echo(times.to_iso(times.check(int(moment))))
        except ValueError as error:
            raise click.BadParameter(str(error), param_hint="MOMENT") from None
    else:
        try:
            click.echo(times.from_iso(moment))
        except ValueError as error:
            raise click.BadParameter(f"{moment!r}: {error}", param_hint="MOMENT") from None
