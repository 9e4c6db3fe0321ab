"""Writes the tables of all limits from the constants that enforce them: one file for each who is limited."""

from collections.abc import Callable
from functools import partial
from typing import Final

from blocks.limits import (
    apps,
    channels,
    connections,
    connectors,
    databases,
    inboxes,
    incidents,
    people,
    questions,
    reports,
)
from blocks.markdown import table

_HEAD: Final = ("what", "limit", "beyond it")
BLOCKS: Final[dict[str, Callable[[], str]]] = {
    f"limits-{name}": partial(table, _HEAD, rows)
    for name, rows in {
        "questions": questions.ROWS,
        "reports": reports.ROWS,
        "inboxes": inboxes.ROWS,
        "connectors": connectors.ROWS,
        "incidents": incidents.ROWS,
        "channels": channels.ROWS,
        "connections": connections.ROWS,
        "apps": apps.ROWS,
        "people": people.ROWS,
        "databases": databases.ROWS,
    }.items()
}
