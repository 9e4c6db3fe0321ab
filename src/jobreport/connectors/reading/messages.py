"""The messages between the process that stores jobs and the process that reads the origin, in MessagePack."""

from collections.abc import Sequence
from typing import Final

import msgspec

from jobreport.connectors.base import Look, Stream
from jobreport.connectors.reading import Seen
from jobreport.model.job import Job


class Find(msgspec.Struct, frozen=True, tag=True):
    """Asks for the streams."""


class Read(msgspec.Struct, frozen=True, tag=True):
    """Asks for what a stream has: the fields of a `Look`, its state as JSON text."""

    stream: str
    since: int
    now: int
    state: str
    unfinished: Sequence[Job]


class StreamList(msgspec.Struct, frozen=True, tag=True):
    """The streams, without what is the connector's own."""

    streams: list[Stream]


class Ended(msgspec.Struct, frozen=True, tag=True):
    """A stream was read to its end, and all that was seen is told."""


class Failed(msgspec.Struct, frozen=True, tag=True):
    """Why the origin could not be opened, or what was asked for could not be read (so far)."""

    why: str


Request = Find | Read
Answer = StreamList | Seen | Ended | Failed

REQUESTS: Final = msgspec.msgpack.Decoder(Request)
ANSWERS: Final = msgspec.msgpack.Decoder(Answer)
encode: Final = msgspec.msgpack.Encoder().encode


def asking(stream: Stream, look: Look) -> Read:
    """Returns the request for a look."""
    state = msgspec.json.encode(look.state).decode()
    return Read(stream.name, look.since, look.now, state, look.unfinished)


def asked(request: Read) -> Look:
    """Returns the look that a request asks for."""
    state = msgspec.json.decode(request.state)
    return Look(since=request.since, now=request.now, state=state, unfinished=request.unfinished)
