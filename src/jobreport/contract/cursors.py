"""A cursor: a question, and the position in its answer after which the next page begins.

A skiptoken contains a cursor. The form here is not signed: it is for programs that may read the store itself. Tokens
that a server gives to clients are signed (`jobreport.identity.cursors`).
"""

import base64
import binascii

import msgspec

from jobreport.model.query import Position


class InvalidSkipTokenError(ValueError):
    """Raised for a token that this service did not give to this tenant, or whose key no longer exists."""

    def __init__(self) -> None:
        super().__init__("is none that this service gave for this tenant; leave it out to begin anew")


class Cursor(msgspec.Struct, frozen=True, array_like=True):
    """The parameters of a question, and the position after which the next page begins.

    `of` is what is listed (`paging.Listing.of`): a token of a list of series is none of a list of jobs.
    """

    pairs: tuple[tuple[str, str], ...]
    after: Position
    of: str = ""


def packed(cursor: Cursor) -> bytes:
    """Returns the bytes of a cursor (MessagePack)."""
    return msgspec.msgpack.encode(cursor)


def unpacked(payload: bytes) -> Cursor:
    """Returns the cursor in these bytes. Raises InvalidSkipTokenError if they contain none."""
    try:
        return msgspec.msgpack.decode(payload, type=Cursor)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise InvalidSkipTokenError from None


def text_of(token: bytes) -> str:
    """Returns a token in the form for URLs: letters, digits, `-` and `_` (base64url without padding, RFC 4648 §5)."""
    return base64.urlsafe_b64encode(token).rstrip(b"=").decode()


def bytes_of(token: str) -> bytes:
    """Returns the bytes of such a text. Raises InvalidSkipTokenError if it is not in this form."""
    try:
        return base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise InvalidSkipTokenError from None


def plain(tenant: int, cursor: Cursor) -> str:
    """Returns the unsigned token of a cursor, for this tenant."""
    return text_of(msgspec.msgpack.encode((tenant, packed(cursor))))


def read_plain(tenant: int, token: str) -> Cursor:
    """Returns the cursor in an unsigned token. Raises InvalidSkipTokenError if it contains none, or one of another
    tenant's.
    """
    try:
        of, payload = msgspec.msgpack.decode(bytes_of(token), type=tuple[int, bytes])
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise InvalidSkipTokenError from None
    if of != tenant:
        raise InvalidSkipTokenError
    return unpacked(payload)
