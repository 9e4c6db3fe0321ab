"""The messages among the lines of a program of the kind `exec`: what it says beside its jobs. Each has a `type`."""

from typing import Annotated, Any, Final

import msgspec

from jobreport.connectors.base import MAX_STREAM_NAME, OVERLAP, CannotReadError, Right, Stream, UnreadableRecordError
from jobreport.contract.spoken_times import seconds
from jobreport.model import ticks
from jobreport.model.sees import Sees

_Name = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_STREAM_NAME, pattern=r"^[^\x00-\x1f\x7f]*$")]
_OVERLAP: Final = f"{OVERLAP // ticks.PER_SECOND}s"


class _Message(msgspec.Struct, frozen=True, rename="camel", tag_field="type", forbid_unknown_fields=True):
    """A line that is no job."""


class State(_Message, frozen=True, tag="STATE"):
    """From where the next call goes on: it is given `value`. All jobs before this line are stored before it."""

    value: Any


class Gone(_Message, frozen=True, tag="GONE"):
    """An unfinished job that the origin does not have any more."""

    job_id: _Name


class NoData(_Message, frozen=True, tag="NO_DATA"):
    """What is asked for cannot be seen, and why: `access denied for the jobs of site b`."""

    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=1000)]


class RightTold(_Message, frozen=True, tag="RIGHT"):
    """A right that a full view needs, whether it is held, and what is invisible without it."""

    name: _Name
    without: str = ""
    stream: str = ""
    held: bool | None = None

    def as_right(self) -> Right:
        """Returns it as every connector tells of rights."""
        return Right(name=self.name, without=self.without, stream=self.stream, held=self.held)


class StreamTold(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """A stream of the program. `remembers` and `overlap` are lengths of time such as `30d`."""

    name: _Name
    sees: Sees | None = None
    whole: bool = False
    remembers: str = ""
    overlap: str = _OVERLAP

    def as_stream(self, sees: Sees) -> Stream:
        """Returns it as every connector tells of streams. `sees` is what it sees if it does not say so."""
        return Stream(
            name=self.name,
            sees=self.sees or sees,
            whole=self.whole,
            remembers=_span(self.remembers),
            overlap=_span(self.overlap),
        )


class Spec(_Message, frozen=True, tag="SPEC"):
    """The streams that the program has."""

    streams: list[StreamTold]


Message = State | Gone | NoData | RightTold | Spec
_DECODER: Final = msgspec.json.Decoder(Message)


class _Typed(msgspec.Struct):
    type: Any = None


_TYPED: Final = msgspec.json.Decoder(_Typed)


def message_of(line: bytes, number: int = 1) -> Message | None:
    """Returns the message in a line; None if it has no `type`, so that it should be a job.

    Raises UnreadableRecordError for a message that is none of these.
    """
    try:
        if _TYPED.decode(line).type is None:
            return None
    except (msgspec.DecodeError, RecursionError):
        return None
    try:
        message: Message = _DECODER.decode(line)
    except msgspec.ValidationError as error:
        raise UnreadableRecordError(f"line {number} is no message that is known: {error}") from None
    return message


def _span(text: str) -> int:
    if not text:
        return 0
    if (length := seconds(text)) is None:
        raise CannotReadError(f"{text[:40]!r} is no length of time; write 30d or 1h30m")
    return length * ticks.PER_SECOND
