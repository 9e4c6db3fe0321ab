"""Reads an origin for a pass, and gives jobs that are ready to be stored.

The origin is read in this process (`here`), or in a process of its own (`apart`), which already reads the next jobs
while this one stores.
"""

from collections.abc import Iterator, Sequence
from typing import Protocol

import msgspec

from jobreport.connectors.base import Look, NextRun, Stream
from jobreport.model.job import Job


class Seen(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A part of what a look finds, made ready to be stored.

    `jobs` are as this machine has them. `unstorable` says why each of others cannot be stored, and `unreadable` of each
    record of which none could be made. `gone`, `withdrawn`, `next_runs` and `clock` are those of the page
    (`connectors.base.Page`), `state` its state as JSON text; None: it gave none. `newest` is the latest time of a job,
    in ticks.
    """

    jobs: Sequence[Job]
    unstorable: Sequence[str] = ()
    unreadable: Sequence[str] = ()
    gone: Sequence[str] = ()
    withdrawn: Sequence[str] = ()
    next_runs: Sequence[NextRun] = ()
    state: str | None = None
    clock: int = 0
    newest: int = 0


class Reading(Protocol):
    """An origin that was opened. Only one thread uses it. Of errors it raises CannotReadError alone, for people."""

    def streams(self) -> list[Stream]:
        """Returns the streams that the origin has now."""

    def look(self, stream: Stream, look: Look) -> Iterator[Seen]:
        """Gives what a stream has, to its end. What was given before an error counts."""
