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
    """A permission that a full view of the origin needs: its name there, and what stays invisible without it.

    `stream` is the stream that needs it; empty: all. `held`: whether we have it; None if that cannot be asked.
    """

    name: str
    without: str
    stream: str = ""
    held: bool | None = None


class Stream(msgspec.Struct, frozen=True, kw_only=True):
    """One list of an origin that can fail alone, such as the copy jobs of a region, a vault, a node.

    `name` is the same in each pass, and tells people which list it is. `sees` is what the list knows of a job.

    `whole`: each look lists all jobs that the origin has, so a job that is missing is gone. `remembers`: how long the
    origin keeps a job (ticks; 0: for ever). `overlap`: how far before the last good look a look must begin (ticks). If
    the origin finds jobs only by their start, that is as long as its longest jobs take.

    `notes`: the state that its pages give is not a position but notes on its jobs, which are valid wherever a look
    begins. `announces`: each look gives all next runs that the origin's scheduler knows; a run that is no longer among
    them is no longer expected. `about` is whatever the connector needs to find the list again.
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
    """One reading of a stream: what the connector must bring.

    It must bring all jobs that began or changed since `since` (ticks, by the origin's clock). `now` is when this look
    began. `state` is the JSON value that the connector gave with its last page, None at first. `unfinished` are the
    jobs of the stream that had not ended: the connector must bring each of them again or name it as gone, unless the
    stream is `whole`, where a missing job is gone anyway.
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
    """A part of what a look finds. It is stored before the next part is asked for, or soon after.

    `jobs` may come in any order, and more than once. A job without `observed` counts as seen when the page came.
    `gone` are the IDs of unfinished jobs that the origin does not have any more. `withdrawn` are the IDs of unfinished
    jobs that turned out not to be jobs, such as a session that only groups others: they are deleted. `refused` has a
    reason for each record that could not be made into a job: the look goes on, but counts as incomplete. `next_runs`
    are for a stream that announces. `state` is any JSON value; if the look ends after this page, the next one gets it.
    `clock` is the origin's own time, if it says it (ticks; 0: it does not).
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
