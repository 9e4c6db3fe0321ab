"""The status of each channel: how many messages wait, and how many could not be delivered."""

from collections.abc import Iterable

import msgspec

from jobreport.store import Transaction
from jobreport.store.watch import deliveries
from jobreport.store.watch.deliveries import Backlog

NOTHING = Backlog(waiting=0, oldest=0, failed=0)


class ChannelStatus(msgspec.Struct, frozen=True, kw_only=True):
    """The status of a channel. `kind` is empty if `jobreport.toml` has no channel of this name."""

    channel: str
    kind: str
    backlog: Backlog


def statuses(transaction: Transaction, known: Iterable[tuple[str, str]]) -> list[ChannelStatus]:
    """Returns how each channel stands: those that are `known`, by name and kind, and others that something is for."""
    backlogs, kinds = deliveries.backlog(transaction), dict(known)
    return [
        ChannelStatus(channel=name, kind=kinds.get(name, ""), backlog=backlogs.get(name, NOTHING))
        for name in sorted({*kinds, *backlogs})
    ]
