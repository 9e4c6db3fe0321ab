"""What the records of Azure have in common, made into parts of a job. Pure."""

import re
from collections.abc import Iterable
from functools import cache, lru_cache
from typing import Any, Final, TypeVar

import msgspec

from jobreport.connectors.base import UnreadableRecordError
from jobreport.connectors.names import raw_text
from jobreport.model import ticks
from jobreport.model.catalog import JobState
from jobreport.model.job import COUNTS, MAX_RAW, TEXT_LIMITS
from jobreport.runner.text import clean, shorten
from jobreport.runner.tools.reading import one_object

T = TypeVar("T")
_ID: Final = re.compile(
    r"/subscriptions/[^/]+/resourceGroups/(?P<group>[^/]+)/providers/.+/(?P<name>[^/]+)", re.IGNORECASE
)
_NAMES: Final = 4_000
"""So many names are at hand in the form in which they come back with each next job."""
_GROWS: Final = "duration"
"""What an unfinished job's record says anew at each look, though nothing has changed."""


class Resource(msgspec.Struct, frozen=True):
    """A thing in a subscription, as lists tell of it: by its ARM ID."""

    id: str
    location: str = ""
    properties: dict[str, Any] = {}

    @property
    def group(self) -> str:
        """The resource group that it is in."""
        return _parts(self.id)[0]

    @property
    def name(self) -> str:
        """Its own name."""
        return _parts(self.id)[1]

    @property
    def label(self) -> str:
        """Its group and name, the same whatever the case in which Azure writes them this time."""
        return f"{self.group}/{self.name}".casefold()


@lru_cache(_NAMES)
def _parts(arm_id: str) -> tuple[str, str]:
    match = _ID.fullmatch(arm_id)
    return (match["group"], match["name"]) if match else (arm_id, arm_id)


def understood(record: msgspec.Raw | bytes, kind: type[T], where: str) -> T:
    """Returns a record as a value of a Struct. Raises UnreadableRecordError."""
    try:
        return msgspec.json.decode(record, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UnreadableRecordError(f"a record of {where} is not as Azure describes it: {error}") from None


def raw_of(record: msgspec.Raw | bytes, *, ended: bool) -> str:
    """Returns the record as Azure sent it; of a job that has not ended without how long it has run."""
    sent = bytes(record)
    if ended and len(sent) <= MAX_RAW:
        return sent.decode("utf-8", "replace")
    value = msgspec.json.decode(sent)
    if not ended and isinstance(value, dict) and isinstance(value.get("properties"), dict):
        value["properties"].pop(_GROWS, None)
    return raw_text(value)


def time_of(text: str | None) -> int:
    """Returns a time in ticks; 0 if there is none, which Azure also tells as the year 1."""
    try:
        time = ticks.from_iso(text) if text else 0
    except ValueError:
        return 0
    return time if time >= ticks.UNIX_EPOCH else 0


def ending(state: JobState, start: int, finish: int) -> tuple[int, int, str]:
    """Returns start and finish as a job in this state has them, and what is to be said of a finish that is not told."""
    if not state.finished:
        return start, 0, ""
    if not finish:
        return start, start, "its origin does not tell when it ended"
    return min(start or finish, finish), finish, ""


@cache
def counts_of(state: JobState) -> dict[str, Any]:
    """Returns the counts of a job that is about one thing."""
    counts = one_object(state) if state.finished else None
    return {name: getattr(counts, name) for name in COUNTS} if counts else {}


@lru_cache(_NAMES)
def text_of(field: str, *parts: str | None) -> str:
    """Returns a text that a job may have in this field, of those parts that there are."""
    return shorten(clean(" ".join(filter(None, parts))), TEXT_LIMITS[field])


def comments_of(lines: Iterable[str | None]) -> str:
    """Returns the comments of a job: each thing that is said, once."""
    said = dict.fromkeys(line.strip() for line in lines if line and line.strip())
    return shorten(clean("\n".join(said)), TEXT_LIMITS["comments"])


def texts(value: Any) -> list[str]:
    """Returns the texts of a list of them."""
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def objects(value: Any) -> list[dict[str, Any]]:
    """Returns the objects of a list of them."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
