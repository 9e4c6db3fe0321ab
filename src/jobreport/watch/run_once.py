"""Tells and delivers once what a server does continuously, as `jobreport.toml` says: for `jobreport watch --once`."""

import msgspec

from jobreport.configuration.file import Configuration
from jobreport.model.notify_rule import Rule
from jobreport.store import Store
from jobreport.watch import new_rules, notifying, returning
from jobreport.watch.channels.base import Renewing
from jobreport.watch.channels.configured import Configured, configured, opened
from jobreport.watch.delivery.renewing import renew
from jobreport.watch.delivery.sending import Sender
from jobreport.watch.digests.configured import Digest, digests
from jobreport.watch.digests.making import make
from jobreport.watch.rules import rules_of


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What the file says: by which channels, of what, and which digests."""

    channels: tuple[Configured, ...]
    rules: tuple[Rule, ...]
    digests: tuple[Digest, ...]


class RoundResult(msgspec.Struct, kw_only=True):
    """How many messages about incidents were queued, one for each channel, and how many digests were made."""

    deliveries: int = 0
    digests: int = 0


def wanted(file: Configuration) -> Wanted:
    """Returns what the file says. Raises ConfigurationError."""
    channels = configured(file)
    return Wanted(channels=channels, rules=rules_of(file), digests=digests(file, channels))


def tell(store: Store, what: Wanted, public_url: str = "") -> RoundResult:
    """Tells of incidents, makes the digests that are due, and sends all that is due. `public_url` is the address of the
    monitor, for links. Raises StoreError.
    """
    found = RoundResult()
    returning.look(store)
    new_rules.look(store, what.rules)
    for made in notifying.tell(store, what.rules, public_url, [one.name for one in what.channels]):
        found.deliveries += made
    for _ in make(store, what.digests, public_url):
        found.digests += 1
    sender = Sender(store, opened(what.channels))
    for name, channel in sender.channels.items():
        for _ in sender.send_due(name):
            pass
        if isinstance(channel, Renewing):
            renew(store, name, channel)
    if sender.channels:
        sender.fail_unknown()
    return found
