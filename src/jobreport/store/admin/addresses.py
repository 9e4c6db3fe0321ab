"""Keeps a restored store from bringing back addresses of inboxes that were ended after its backup was made.

They are secrets that were replaced or revoked because somebody else had them. The store that is replaced knows which.
"""

import secrets
from typing import Final

import msgspec
from sqlalchemy import Connection, delete, insert, select

from jobreport.store.registry import inboxes
from jobreport.store.schema.inboxes import inbox, ping_key

_DIGEST: Final = 32


class Addresses(msgspec.Struct, frozen=True, kw_only=True):
    """The numbers of addresses and ping keys of a restored store that are `valid`, and that were `ended` on the way."""

    valid: int = 0
    ended: int = 0


def carry(restored: Connection, replaced: Connection) -> Addresses:
    """Gives each inbox and each ping key of the restored store the address that it had in the store that is replaced.
    What was revoked there is revoked.
    """
    now = {row.inbox: row for row in replaced.execute(select(inbox.c.inbox, inbox.c.address, inbox.c.sealed))}
    valid = ended = 0
    for one in inboxes.list_inboxes(restored):
        kept = now.get(one.inbox)
        if kept is None:
            inboxes.end(restored, one)
        elif kept.address != one.address:
            inboxes.replace_address(restored, one.inbox, kept.address, kept.sealed)
        valid += kept is not None
        ended += kept is None or kept.address != one.address
    keys = {row.tenant: row for row in replaced.execute(select(ping_key))}
    for old in restored.execute(select(ping_key)).all():
        new = keys.get(old.tenant)
        valid += new is not None
        if new is None or new.digest != old.digest:
            ended += 1
            restored.execute(delete(ping_key).where(ping_key.c.tenant == old.tenant))
            if new is not None:
                restored.execute(insert(ping_key).values(dict(new._mapping)))
    return Addresses(valid=valid, ended=ended)


def end_all(restored: Connection) -> Addresses:
    """Ends all addresses and ping keys. Each inbox stays, with an address that nobody knows."""
    every = inboxes.list_inboxes(restored)
    for one in every:
        inboxes.replace_address(restored, one.inbox, secrets.token_bytes(_DIGEST), None)
    keys = restored.execute(delete(ping_key)).rowcount
    return Addresses(ended=len(every) + keys)


def of(restored: Connection) -> Addresses:
    """Returns the addresses as they are."""
    keys = len(restored.execute(select(ping_key.c.tenant)).all())
    return Addresses(valid=len(inboxes.list_inboxes(restored)) + keys)
