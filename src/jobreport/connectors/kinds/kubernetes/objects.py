"""What all objects of a cluster have in common: a name, their times, and how a job is made of one.

Their times are RFC 3339 texts, which some tools leave empty. An object is identified by its namespace, its name and its
creation time, since a name may be used again.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Final

import msgspec

from jobreport.model import ticks
from jobreport.model.catalog import JobState
from jobreport.model.job import TEXT_LIMITS, Job, shorten
from jobreport.runner.tools.base import Counts
from jobreport.runner.tools.reading import one_object

Identity = tuple[str, str, str]
"""An object's namespace, its name, and when it was made."""
_OF_STATUS: Final = b'"f:status"'


class Managed(msgspec.Struct, frozen=True, kw_only=True):
    """What one program wrote into an object, and when it last did."""

    time: str | None = None
    fields: msgspec.Raw = msgspec.field(name="fieldsV1", default_factory=msgspec.Raw)

    @property
    def of_status(self) -> bool:
        """Whether it wrote of how the object is, and not only its labels."""
        return _OF_STATUS in bytes(self.fields)


class Metadata(msgspec.Struct, frozen=True, kw_only=True):
    """The `metadata` of an object."""

    name: str
    namespace: str = ""
    created: str | None = msgspec.field(name="creationTimestamp", default=None)
    deleted: str | None = msgspec.field(name="deletionTimestamp", default=None)
    labels: Mapping[str, str] | None = None
    managed: tuple[Managed, ...] | None = msgspec.field(name="managedFields", default=None)

    @property
    def identity(self) -> Identity:
        """By what it is known."""
        return self.namespace, self.name, self.created or ""

    def label(self, name: str) -> str:
        """Returns a label; empty if it has none of this name."""
        return (self.labels or {}).get(name, "")

    @property
    def changed(self) -> int:
        """When anything of it was last written, in ticks; 0: that is not told."""
        return max((time_of(one.time) for one in self.managed or ()), default=0)

    @property
    def told(self) -> int:
        """When it was last written how the object is, in ticks; 0: that is not told."""
        return max((time_of(one.time) for one in self.managed or () if one.of_status), default=0)


class Named(msgspec.Struct, frozen=True):
    """An object of which only the metadata matters."""

    metadata: Metadata


class About(msgspec.Struct, frozen=True, kw_only=True):
    """What else must be known of the cluster to read one of its objects: its name, and by namespace and name the places
    in which backups are kept, such as a bucket.
    """

    cluster: str
    places: Mapping[tuple[str, str], str] = {}

    def within(self, metadata: Metadata) -> str:
        """Returns where an object is."""
        return f"{self.cluster}/{metadata.namespace}"


Read = Callable[[Any, About], Job | None]
"""Makes a job of an object. None: it tells no more, or not yet, how its work went. The `finish` of a job that has ended
is 0 if the object does not tell when.
"""


@lru_cache(maxsize=1024)  # an object has most of its times more than once
def time_of(text: str | None) -> int:
    """Returns a time in ticks; 0 if there is none."""
    try:
        time = ticks.from_iso(text) if text else 0
    except ValueError:
        return 0
    return time if time >= ticks.UNIX_EPOCH else 0


def first_time(*texts: str | None) -> int:
    """Returns the first of these that is a time, in ticks; 0 if none is."""
    return next(filter(None, map(time_of, texts)), 0)


def is_(status: str, known: str) -> bool:
    """Whether a status is this one. Case does not matter."""
    return status.strip().casefold() == known.casefold()


def one_if_ended(state: JobState) -> Counts:
    """Returns the counts of a job that is one object, which counts when it has ended."""
    return one_object(state) if state.finished else Counts()


def words(*parts: str | None) -> str:
    """Returns what there is to say of a job, a line each."""
    said = "\n".join(part for part in parts if part).replace("\0", "")
    return shorten(said, TEXT_LIMITS["comments"])
