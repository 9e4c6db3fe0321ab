"""The interface of a connector: it reads the jobs of one origin, stream by stream, and knows nothing of the store.

A kind declares its settings and what its origin knows of a job. Opened with settings, it gives a connector, which names
its streams and reads each of them from a given position. Everything else is the same for all kinds
(`connectors.collect`): it stores the positions, asks again for jobs that had not ended, and reports what could not be
read.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from contextlib import AbstractContextManager
from typing import Any, Final, Protocol

import msgspec
from msgspec import UNSET, UnsetType

from jobreport.model import ticks
from jobreport.model.brings import ANYTHING, Brings
from jobreport.model.catalog import JobType
from jobreport.model.job import Job
from jobreport.model.sees import Sees

OVERLAP: Final = 3600 * ticks.PER_SECOND
"""How far before the last good look a stream is read again, if it says nothing else, in ticks."""
MAX_STREAM_NAME: Final = 400
"""The most characters of a stream's name."""


class CannotReadError(Exception):
    """Raised if a stream cannot be read, or its streams cannot be found. The message says why, for people, and has no
    secret: `access denied for backup:ListCopyJobs in eu-central-1`.
    """


class UnreadableRecordError(CannotReadError):
    """Raised for a record of a list that is not as it should be. The others are read all the same."""


class Right(msgspec.Struct, frozen=True, kw_only=True):
    """A right that a full view of the origin needs: its name there, and what stays invisible without it.

    `stream` is the stream that it is for; empty: for all. `held` says whether we have it, None if that cannot be asked.
    """

    name: str
    without: str
    stream: str = ""
    held: bool | None = None


class Stream(msgspec.Struct, frozen=True, kw_only=True):
    """One list of an origin that can fail alone, such as the copy jobs of a region, a vault, a node.

    `name` is the same in each pass, and tells people which list it is. `sees` is what the list knows of a job. `whole`:
    each look lists all jobs that the origin has, so that one that is missing is gone. `remembers` is how long the
    origin keeps a job, `overlap` how far before the last good look it must be read again: for as long as its longest
    jobs take, if the origin finds jobs by their start only. Both are in ticks; 0: the origin forgets none. `notes`: its
    state is no place to go on from, but what was noted of its jobs, which holds wherever a look begins. `announces`:
    each look gives all next runs that the origin's scheduler knows, and what is announced no more is not expected.
    `about` is the connector's own, to find the list again.
    """

    name: str
    sees: Sees = Sees.RUNS
    whole: bool = False
    remembers: int = 0
    overlap: int = OVERLAP
    notes: bool = False
    announces: bool = False
    about: Any = None


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """From where a stream is to be read.

    `state` is the JSON value that the connector gave with its last page, None at first. What was made or has changed
    since `since` is to be told (ticks, by the origin's clock); `now` is when this look began. `unfinished` are the jobs
    of the stream of which no end was told: each is to be told again, or named as gone, unless a list without it says
    so.
    """

    since: int
    now: int
    state: Any = None
    unfinished: Sequence[Job] = ()


class NextRun(msgspec.Struct, frozen=True):
    """When the origin's own scheduler will begin the next run of a plan (ticks)."""

    plan: str
    at: int


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """A part of what a look finds. What it has is stored before the next part is asked for, or soon after.

    `jobs` may come in any order, and repeatedly. One without `observed` was seen when the page came. `gone` are the IDs
    of unfinished jobs that the origin does not have any more. `withdrawn` are those of unfinished jobs that turn out to
    be none, such as one that only holds others together: they are deleted. `refused` says of each record of which no
    job could be made why: the look goes on, and has then not seen all. `next_runs` are those of a stream that
    announces. `state` is any JSON value: from there a look goes on if this one ends here. `clock` is the origin's time,
    where it tells it (ticks).
    """

    jobs: Sequence[Job] = ()
    gone: Sequence[str] = ()
    withdrawn: Sequence[str] = ()
    refused: Sequence[str] = ()
    next_runs: Sequence[NextRun] = ()
    state: Any | UnsetType = UNSET
    clock: int = 0


class Connector(Protocol):
    """An origin that was opened with its settings. Only one thread uses it."""

    def streams(self) -> Iterable[Stream]:
        """Returns the streams that the origin has now. Raises CannotReadError if they cannot be found."""

    def read(self, stream: Stream, look: Look) -> Iterator[Page]:
        """Gives what a stream has, to its end. Raises CannotReadError if it cannot be read so far.

        An empty list that may be empty for want of a right is such an error. Whatever was given before counts.
        """

    def rights(self) -> Iterable[Right]:
        """Asks the origin for the rights that a full view needs. Raises CannotReadError if it does not answer."""


class Kind(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of connector, as `[[connector]]` names it.

    `settings` is what its table holds beside the keys of all kinds (`connectors.settings`): a Struct whose fields have
    a description. `keys` describes them for people. `open` signs in, and gives the connector for as long as it is used;
    it raises CannotReadError. `brings` are the services and types that its jobs may have; left out: it hands on what
    others say, and may bring any. `rights` are the rights that it needs, `extra` is the extra of this package that it
    needs. `work` is what reading it is, as a job of our own (`connectors.own_work`). `beside` changes settings where
    connectors of other kinds read for the same tenant, so that what these tell is not told twice; it is given the
    settings and the names of these kinds.
    """

    name: str
    about: str
    sees: Sees
    settings: type[msgspec.Struct]
    keys: Mapping[str, str]
    open: Callable[[Any], AbstractContextManager[Connector]]
    brings: Brings = ANYTHING
    rights: Sequence[Right] = ()
    work: JobType = JobType.FileSync
    extra: str = ""
    beside: Callable[[Any, Set[str]], Any] = lambda settings, kinds: settings
