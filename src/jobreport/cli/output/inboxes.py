"""Inboxes as a table, and as documents."""

from collections.abc import Sequence
from typing import Any

from jobreport.model import ticks
from jobreport.store.registry.inboxes import Inbox, InboxState

Row = tuple[Inbox, str, InboxState, int]
"""An inbox, the name of its tenant, what came to it, and how much of that nobody could read."""


def documents(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Returns the inboxes for programs."""
    return [details(*row, address="") for row in rows]


def details(one: Inbox, tenant: str, state: InboxState, unread: int, address: str) -> dict[str, Any]:
    """Returns all of an inbox; without its address if that is empty."""
    document: dict[str, Any] = {"id": one.inbox, "name": one.name, "tenant": tenant}
    if address:
        document["address"] = address
    document |= {
        "slug": one.slug,
        "plan": one.plan,
        "service": one.service.name,
        "type": one.type.name,
        "resource": one.resource,
        "tool": one.tool,
        "longest": ticks.duration(0, one.longest * ticks.PER_SECOND),
        "created": ticks.to_iso(one.created, digits=0),
        "pings": state.pings,
        "unread": unread,
        "last": ticks.to_iso(state.last, digits=0) if state.last else None,
        "sees": state.sees,
        "log": state.log,
    }
    return document


def show(rows: Sequence[Row]) -> None:
    """Prints the inboxes as a table."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    from jobreport.cli.output.console import console
    from jobreport.cli.output.tables import print_table

    table = Table("ID", "Name", "Tenant", "Plan", "Came", "Unread", "Last", "Sees", box=box.SIMPLE_HEAD)
    for one, tenant, state, unread in rows:
        last = f"{ticks.local(state.last):%Y-%m-%d %H:%M}" if state.last else "-"
        came = (f"{state.pings:,}", f"{unread:,}", last)
        table.add_row(*map(Text, (one.inbox, one.name, tenant, one.plan, *came, state.sees)))
    print_table(console(), table)
