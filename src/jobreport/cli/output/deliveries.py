"""How delivery stands, as a table and as a document."""

from collections.abc import Sequence
from typing import Any

import click
from rich import box
from rich.table import Table
from rich.text import Text

from jobreport.cli.output.amounts import counted
from jobreport.cli.output.console import console
from jobreport.cli.output.tables import print_table
from jobreport.cli.output.texts import visible
from jobreport.model import ticks
from jobreport.store.watch.deliveries import Undelivered
from jobreport.watch.delivery.channel_status import ChannelStatus

_NO_CHANNEL = "not in jobreport.toml"


def document(
    found: Sequence[ChannelStatus], failed: Sequence[Undelivered], waiting: Sequence[Undelivered]
) -> dict[str, Any]:
    """Returns how delivery stands, for programs."""
    return {
        "channels": [
            {
                "channel": one.channel,
                "kind": one.kind or None,
                "waiting": one.backlog.waiting,
                "oldest": ticks.to_iso(one.backlog.oldest, digits=0) if one.backlog.oldest else None,
                "failed": one.backlog.failed,
                "held": one.backlog.held,
            }
            for one in found
        ],
        "failed": [_message(one) for one in failed],
        "retrying": [_message(one) for one in waiting],
    }


def show(found: Sequence[ChannelStatus], failed: Sequence[Undelivered], waiting: Sequence[Undelivered]) -> None:
    """Prints how each channel stands, and which messages could not be delivered or are tried again."""
    if not found:
        click.echo("There is no channel.")
        return
    table = Table("Channel", "Kind", "Waiting", "Oldest", "Not delivered", box=box.SIMPLE_HEAD)
    for one in found:
        oldest = f"{ticks.local(one.backlog.oldest):%Y-%m-%d %H:%M}" if one.backlog.oldest else "-"
        numbers = (f"{one.backlog.waiting:,}", oldest, f"{one.backlog.failed:,}")
        table.add_row(*map(Text, (one.channel, one.kind or _NO_CHANNEL, *numbers)))
    print_table(console(), table)
    if held := sum(one.backlog.held for one in found):
        click.echo(f"Held back, since their tenants are suspended: {counted(held, 'message')}.")
    if channels := dict.fromkeys(one.key.channel for one in waiting):
        does = "does" if len(channels) == 1 else "do"
        click.echo(visible(f"{', '.join(channels)} {does} not take what is sent: it is tried again for a day."))
    for what, messages in (("Not delivered", failed), ("Tried in vain so far", waiting)):
        for one_message in messages:
            about = f"{one_message.key.channel}: {one_message.message.subject}"
            click.echo(visible(f"{what} by {about} ({one_message.tenant_name}): {one_message.error}"))


def _message(one: Undelivered) -> dict[str, Any]:
    return {
        "message": one.key.message,
        "channel": one.key.channel,
        "tenant": one.tenant_name,
        "subject": one.message.subject,
        "added": ticks.to_iso(one.added, digits=0),
        "tries": one.tries,
        "error": one.error or None,
        "failed" if one.failed else "next": ticks.to_iso(one.due, digits=0),
    }
