"""Reads the result of Proxmox's vzdump from its lines about each guest, and its exit code.

One run is for many guests: it ends with an error if one of them is lost, whatever became of the others.
"""

import re
from collections.abc import Sequence
from typing import Final

from jobreport.model.brings import brings
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.runner.command_lines.command import Options, parse
from jobreport.runner.command_lines.options import VZDUMP
from jobreport.runner.command_lines.wrappers import arguments
from jobreport.runner.text import names, plural, size_of
from jobreport.runner.tools.base import Counts, Outcome, Stream, Subject
from jobreport.runner.tools.reading import LineReader, bounded, partly, subject

_BEGUN: Final = re.compile(r"INFO: Starting Backup of VM \d+ ")
_DONE: Final = re.compile(r"INFO: Finished Backup of VM \d+ ")
_LOST: Final = re.compile(r"ERROR: Backup of VM \d+ failed - ")
_SIZE: Final = re.compile(r"INFO: archive file size: ([\d.]+ ?[KMGTP]?i?B)")
_INTERRUPTED: Final = re.compile(r".{0,80}\binterrupted by signal$")


class Vzdump:
    """vzdump of Proxmox VE."""

    name = "vzdump"
    brings = brings((ServiceType.VM, JobType.Backup))

    def subject(self, argv: Sequence[str]) -> Subject:
        """Returns the backup of guests."""
        given = _options(argv)
        pool = given.first("--pool")
        guests = names(given.words) or (f"pool {pool}" if pool else "all guests")
        storage = given.first("--storage", "--dumpdir")
        about = f"vzdump of {guests}" + (f" to {storage}" if storage else "")
        return subject(Subject(service=ServiceType.VM, type=JobType.Backup, description=about, resource=guests))

    def reader(self, argv: Sequence[str]) -> "VzdumpReader":
        """Returns a fresh reader for one run of the command."""
        return VzdumpReader(argv)


def _options(argv: Sequence[str]) -> Options:
    # Its options are long, with one hyphen or two.
    words = [f"-{word}" if re.match(r"-[a-z]{2}", word) else word for word in arguments(argv, "vzdump")]
    return parse(words, VZDUMP)


class VzdumpReader(LineReader):
    """Counts the guests."""

    def __init__(self, argv: Sequence[str]) -> None:
        super().__init__(argv)
        self._begun = self._done = self._lost = self._size = 0
        self._warned = self._stopped = False

    def counts(self) -> Counts:
        """Returns the guests so far."""
        return bounded(failed=self._lost, successful=self._done, total=self._begun, size=self._size)

    def read(self, stream: Stream, text: str) -> None:
        """Takes one line that is not blank."""
        if _BEGUN.match(text):
            self._begun += 1
        elif _DONE.match(text):
            self._done += 1
        elif _LOST.match(text):
            self._lost += 1
            self.errors.add(text)
        elif match := _SIZE.match(text):
            self._size += size_of(match[1])
        elif text.startswith(("ERROR: ", "WARN: ")):
            self._warned |= text.startswith("WARN: ")
            self.errors.add(text)
        self._stopped |= _INTERRUPTED.match(text) is not None

    def outcome(self, exit_code: int) -> Outcome:
        """Exit code 0 is Successful, or Exception after a warning; any other Exception if a guest is saved, else
        Failed.
        """
        counts = self.counts() if self._done or self._lost else None
        if self._stopped:
            state = JobState.Stopped
        elif exit_code == 0 and not self._lost:
            state = JobState.Exception if self._warned else JobState.Successful
        elif self._lost:
            state = partly(counts)
        else:
            state = JobState.Exception if self._done else JobState.Failed
        return self.conclude(exit_code, state, counts, plural(self._done, "guest") if counts else "")
