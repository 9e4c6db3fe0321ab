"""How delivery stands: of each channel what waits, and what was given up."""

from collections.abc import Iterable

import msgspec

from jobreport.store import Transaction
from jobreport.store.watch import deliveries
from jobreport.store.watch.deliveries import Backlog

NOTHING = Backlog(waiting=0, oldest=0, failed=0)


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How a channel stands. `kind` is empty if `jobreport.toml` names no channel of this name."""

    channel: str
    kind: str
    backlog: Backlog


def standings(transaction: Transaction, known: Iterable[tuple[str, str]]) -> list[Standing]:
    """Returns how each channel stands: those that are `known`, by name and kind, and others that something is for."""
    backlogs, kinds = deliveries.backlog(transaction), dict(known)
    return [
        Standing(channel=name, kind=kinds.get(name, ""), backlog=backlogs.get(name, NOTHING))
        for name in sorted({*kinds, *backlogs})
    ]
