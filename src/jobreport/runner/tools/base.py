"""What every backup tool's reading has in common: what it is given, and what it makes of it."""

from collections.abc import Sequence
from enum import Enum
from typing import Literal, Protocol

import msgspec

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
    """How the command ended: a finished state, its counts, and what the tool says of it, for people."""

    state: JobState
    counts: Counts
    comments: str = ""


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """What a command line is about: the job's default service and type, and words for its description."""

    service: ServiceType = ServiceType.Common
    type: JobType = JobType.Backup
    description: str = ""
    resource: str = ""


class StdoutUse(Enum):
    """What a command writes to its standard output."""

    MESSAGES = "messages"
    """How the run goes, for people or for the tool's reader."""
    DATA = "data"
    """The backup itself, a file's content, a list that was asked for: never read, however much it looks like words."""
    UNKNOWN = "unknown"
    """Nobody can tell from the command line."""


class Reader(Protocol):
    """Reads one run. Pure: no I/O, no clock. Fed line by line, asked for counts at any time, closed once."""

    def line(self, stream: Stream, text: str) -> None:
        """Takes one line of output, without its line end."""

    def counts(self) -> Counts:
        """The counts so far."""

    def outcome(self, exit_code: int) -> Outcome:
        """The end, by output and exit code (never negative: signals are judged before any tool is asked)."""


class Tool(Protocol):
    """One backup tool. `argv` is the whole command, its program first, as it was given."""

    name: str

    def subject(self, argv: Sequence[str]) -> Subject:
        """What the command is about, read from its arguments; no secret of theirs is repeated."""

    def reader(self, argv: Sequence[str]) -> Reader:
        """A fresh reader for one run of the command."""
