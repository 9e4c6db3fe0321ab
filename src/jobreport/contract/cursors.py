"""A cursor: the question that was asked, and the position in its answer after which the next page begins.

It is what a skiptoken has in it. The form here is the plain one, which nobody signed: for whoever may read the store
itself. What a server gives to clients is signed (`jobreport.identity.cursors`).
"""

import base64
import binascii

import msgspec

from jobreport.model.query import Position


class InvalidSkipTokenError(ValueError):
    """A token that was not given by this service to this tenant, or whose key is gone."""

    def __init__(self) -> None:
        super().__init__("is none that this service gave for this tenant; leave it out to begin anew")


class Cursor(msgspec.Struct, frozen=True, array_like=True):
    """The question, by its parameters, and the position after which the next page begins."""

    pairs: tuple[tuple[str, str], ...]
    after: Position


def packed(cursor: Cursor) -> bytes:
    """The bytes of a cursor: MessagePack."""
    return msgspec.msgpack.encode(cursor)


def unpacked(payload: bytes) -> Cursor:
    """The cursor that these bytes are of; InvalidSkipTokenError where they are of none."""
    try:
        return msgspec.msgpack.decode(payload, type=Cursor)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise InvalidSkipTokenError from None


def text_of(token: bytes) -> str:
    """A token as it stands in a URL: letters, digits, `-` and `_` (base64url without its end, RFC 4648 §5)."""
    return base64.urlsafe_b64encode(token).rstrip(b"=").decode()


def bytes_of(token: str) -> bytes:
    """The bytes of such a text; InvalidSkipTokenError where it is none."""
    try:
        return base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise InvalidSkipTokenError from None


def plain(cursor: Cursor) -> str:
    """The token of a cursor that nobody signed."""
    return text_of(packed(cursor))


def read_plain(token: str) -> Cursor:
    """The cursor of such a token; InvalidSkipTokenError where it is none."""
    return unpacked(bytes_of(token))
