"""A delivery that could not be read: what is kept of it, so that nothing is lost and it can be read again."""

from typing import Literal

import msgspec

Kind = Literal["webhook", "mail"]
"""How a delivery came."""


class Unreadable(msgspec.Struct, frozen=True, kw_only=True):
    """A delivery that is to be kept. `digest` is that of what is the same when it is delivered again.

    `form` says in whose form it was to be read: the last word of an address; empty: nobody's. `why` tells people why it
    could not be read. `about` is what is known of it beside its content, as JSON that its reader understands.
    """

    kind: Kind
    form: str
    why: str
    about: str
    content: bytes
    digest: bytes


class Unread(Unreadable, frozen=True, kw_only=True):
    """A delivery that is kept. `unread` is its ID, `inbox` that of its inbox. It came so many `times`: first when it
    was `received`, and last (ticks).
    """

    unread: str
    inbox: str
    times: int
    received: int
    last: int


class UnreadCount(msgspec.Struct, frozen=True):
    """How many deliveries of an inbox are kept unread, how many bytes they have, and when the last came (ticks)."""

    number: int
    size: int
    last: int
