"""Deliveries that nobody could read, as a table and as documents."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from jobreport.model import ticks
from jobreport.model.unread import Unread

Names = Mapping[str, str]
"""The names of inboxes, by their IDs."""


def documents(found: Sequence[Unread], names: Names) -> list[dict[str, Any]]:
    """Returns what is unread for programs, without its content."""
    return [_head(one, names) for one in found]


def details(one: Unread, names: Names) -> dict[str, Any]:
    """Returns all of a delivery, its content as text."""
    about: dict[str, Any] = msgspec.json.decode(one.about)
    return {**_head(one, names), **about, "content": one.content.decode("utf-8", "replace")}


def _head(one: Unread, names: Names) -> dict[str, Any]:
    return {
        "id": one.unread,
        "inbox": names.get(one.inbox, one.inbox),
        "kind": one.kind,
        "form": one.form or None,
        "received": ticks.to_iso(one.received, digits=0),
        "last": ticks.to_iso(one.last, digits=0),
        "times": one.times,
        "why": one.why,
    }


def show(found: Sequence[Unread], names: Names) -> None:
    """Prints what is unread as a table."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    from jobreport.cli.output.console import console
    from jobreport.cli.output.tables import print_table
    from jobreport.cli.output.texts import visible

    table = Table("ID", "Inbox", "Came as", "Last", "Times", "Why", box=box.SIMPLE_HEAD)
    for one in found:
        kind = " ".join(filter(None, (one.kind, one.form)))
        last = f"{ticks.local(one.last):%Y-%m-%d %H:%M}"
        cells = (one.unread, visible(names.get(one.inbox, one.inbox)), kind, last, f"{one.times:,}", visible(one.why))
        table.add_row(*map(Text, cells))
    print_table(console(), table)
