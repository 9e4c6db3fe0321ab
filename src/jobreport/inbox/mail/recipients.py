"""Finds the inbox of a mail by the secret in its address. The secret is looked up by its hash, as for pings."""

import msgspec

from jobreport.identity import inboxes
from jobreport.identity.addresses import Addresses
from jobreport.inbox.mail import address
from jobreport.store import Through
from jobreport.store.registry.inboxes import Inbox


class Recipient(msgspec.Struct, frozen=True):
    """An inbox for which a mail is. `through` is the address by which it is reached; None if that holds no secret."""

    inbox: Inbox
    through: Through | None = None


def by_secret(addresses: Addresses, written: str) -> Recipient | None:
    """Returns the inbox whose secret an address holds; None if it holds none, or that of no inbox."""
    target = address.target(written)
    found = addresses.find(*target) if target else None
    if target is None or found is None or found.inbox is None:
        return None
    return Recipient(found.inbox, Through(inboxes.digest(target.secret), by_key=bool(target.slug)))
