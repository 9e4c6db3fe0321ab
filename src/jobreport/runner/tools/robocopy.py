"""Reads the result of Windows' robocopy, in any language, from the table at its end and its exit code.

The exit code is a set of bits: 1 files were copied, 2 there are others at the destination, 4 some are of another kind,
8 some could not be copied, 16 nothing was done. So 0 to 7 are successes, as robocopy defines them.
"""

import re
from collections.abc import Sequence
from typing import Final

from jobreport.model.brings import brings
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.runner.command_lines.command import parse
from jobreport.runner.command_lines.wrappers import arguments
from jobreport.runner.text import plural, size_of, whole
from jobreport.runner.tools.base import Counts, Outcome, Stream, Subject
from jobreport.runner.tools.reading import LineReader, bounded, partly, subject

_COPIED, _SOME_FAILED, _FATAL = 1, 8, 16
# `Files :  5  4  1  0  0  0`, the same in every language: folders first, then files, then bytes, then times.
_ROW: Final = re.compile(r"\s*[^\s:]+ *:((?:\s+\d{1,18}){6})\s*$")
_BYTES: Final = re.compile(r"\s*[^\s:]+ *:\s+([\d.,]{1,20}(?: [kmgtKMGT])?)\s+([\d.,]{1,20}(?: [kmgtKMGT])?)\s")
_ERROR: Final = re.compile(r".{0,60}?\b\d{1,5} \(0x[0-9A-Fa-f]{8}\)")


class Robocopy:
    """robocopy, with its table of results or (`/NJS`) without."""

    name = "robocopy"
    brings = brings((ServiceType.FileShare, JobType.Backup))

    def subject(self, argv: Sequence[str]) -> Subject:
        """Returns the backup of a file share: what is copied, and where to."""
        given = parse([word for word in arguments(argv, "robocopy") if not word.startswith("/")], frozenset())
        source, target = [*given.words, "", ""][:2]
        about = f"robocopy of {source} to {target}" if target else f"robocopy {source}".strip()
        if "/l" in {word.casefold() for word in argv}:
            about += " (dry run)"
        return subject(Subject(service=ServiceType.FileShare, type=JobType.Backup, description=about, resource=source))

    def reader(self, argv: Sequence[str]) -> "RobocopyReader":
        """Returns a fresh reader for one run of the command."""
        return RobocopyReader(argv)


class RobocopyReader(LineReader):
    """Reads the rows of the table at the end. Nothing is counted before."""

    def __init__(self, argv: Sequence[str]) -> None:
        super().__init__(argv)
        self._rows = 0
        self._files = [0] * 6
        self._size = 0

    def counts(self) -> Counts:
        """Returns the files. A skipped file is already there; a file of another kind is left as it is."""
        total, copied, there, mismatched, failed, _ = self._files
        return bounded(failed=failed, successful=copied + there, skipped=mismatched, total=total, size=self._size)

    def read(self, stream: Stream, text: str) -> None:
        """Takes one line that is not blank."""
        if match := _ROW.match(text):
            self._rows += 1
            if self._rows == 2:
                self._files = [whole(number) for number in match[1].split()]
            elif self._rows == 3:  # bytes, where `/BYTES` asked for all of their digits
                self._size = whole(match[1].split()[1])
        elif self._rows == 2 and not self._size and (match := _BYTES.match(text)):
            self._size = size_of(match[2].replace(",", "."))
        elif _ERROR.match(text):
            self.errors.add(text)

    def outcome(self, exit_code: int) -> Outcome:
        """Exit codes 0 to 7 are Successful, 8 to 15 Exception if any file is right at the destination, all others
        Failed.
        """
        counts = self.counts() if self._rows > 1 else None
        if 0 <= exit_code < _SOME_FAILED and not (self._wrappers and self._theirs):
            state = JobState.Successful
        elif _SOME_FAILED <= exit_code < _FATAL and (counts or exit_code & _COPIED):
            state = partly(counts) if counts else JobState.Exception
        else:
            state = JobState.Failed
        summary = f"{plural(self._files[1], 'file')} copied of {self._files[0]:,}" if counts else ""
        return self.conclude(exit_code, state, counts, summary)
