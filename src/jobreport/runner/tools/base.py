"""The types that all tools share: the input of a reading, and its results."""

from collections.abc import Sequence
from enum import Enum
from typing import Literal, Protocol

import msgspec

from jobreport.model.brings import Brings
from jobreport.model.catalog import JobState, JobType, ServiceType

Stream = Literal["stdout", "stderr"]


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """Objects so far (unchanged ones count as successful) and bytes; `total` is what the tool expects in all."""

    failed: int = 0
    successful: int = 0
    skipped: int = 0
    total: int = 0
    size: int = 0


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """How the command ended: a finished state, its counts, and what the tool says of it, for people.

    `cause` is the code of why it is not good (`jobreport.model.job.CAUSES`), where the tool's exit code or the way of
    its end says so; empty: the comments tell it. `made` is the short name of what came of it (`runner.tools.made`), and
    `reference` its name in the origin's own terms; empty: the tool told none.
    """

    state: JobState
    counts: Counts
    comments: str = ""
    cause: str = ""
    made: str = ""
    reference: str = ""


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """What a command line is about: the job's default service and type, and texts for its description and resource."""

    service: ServiceType = ServiceType.Common
    type: JobType = JobType.Backup
    description: str = ""
    resource: str = ""


class StdoutUse(Enum):
    """The kind of data that a command writes to its standard output."""

    MESSAGES = "messages"
    """How the run goes, for people or for the tool's reader."""
    DATA = "data"
    """The backup itself, a file's content, a list that was asked for: never read, however much it looks like words."""
    UNKNOWN = "unknown"
    """Nobody can tell from the command line."""


class Reader(Protocol):
    """Reads one run, without I/O and clock. It is given line by line, may be asked for counts at any time, and for its
    outcome once.
    """

    def line(self, stream: Stream, text: str) -> None:
        """Takes one line of output, without its line end."""

    def counts(self) -> Counts:
        """Returns the counts so far."""

    def outcome(self, exit_code: int) -> Outcome:
        """Returns the outcome by output and exit code. The code is never negative: the end by a signal is decided
        before a tool is asked.
        """


class Tool(Protocol):
    """A backup tool. `argv` is the whole command as it was given; its program comes first.

    `brings` are the services and types that its subjects may have.
    """

    name: str
    brings: Brings

    def subject(self, argv: Sequence[str]) -> Subject:
        """Returns what the command is about, read from its arguments, without any secret in them."""

    def reader(self, argv: Sequence[str]) -> Reader:
        """Returns a fresh reader for one run of the command."""
