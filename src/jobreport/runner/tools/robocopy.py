"""Reads what Windows' robocopy did from its table at the end and its exit code, in any language.

The exit code is a set of bits: 1 files were copied, 2 there are others at the destination, 4 some differ in kind, 8
some could not be copied, 16 nothing was done. So 0 to 7 are successes, by its own meaning.
"""

import re
from collections.abc import Sequence
from typing import Final

from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.runner.tools.base import Counts, Outcome, Stream, Subject
from jobreport.runner.tools.command import parse
from jobreport.runner.tools.reading import LineReader, bounded, partly, subject
from jobreport.runner.tools.text import plural, size_of, whole
from jobreport.runner.tools.wrappers import arguments

_COPIED, _SOME_FAILED, _FATAL = 1, 8, 16
# `Files :  5  4  1  0  0  0`, the same in every language: folders first, then files, then bytes, then times.
_ROW: Final = re.compile(r"\s*[^\s:]+ *:((?:\s+\d{1,18}){6})\s*$")
_BYTES: Final = re.compile(r"\s*[^\s:]+ *:\s+([\d.,]{1,20}(?: [kmgtKMGT])?)\s+([\d.,]{1,20}(?: [kmgtKMGT])?)\s")
_ERROR: Final = re.compile(r".{0,60}?\b\d{1,5} \(0x[0-9A-Fa-f]{8}\)")


class Robocopy:
    """robocopy, with its table of results or (`/NJS`) without."""

    name = "robocopy"

    def subject(self, argv: Sequence[str]) -> Subject:
        """A file share's backup: what is copied, and where to."""
        given = parse([word for word in arguments(argv, "robocopy") if not word.startswith("/")], frozenset())
        source, target = [*given.words, "", ""][:2]
        about = f"robocopy of {source} to {target}" if target else f"robocopy {source}".strip()
        if "/l" in {word.casefold() for word in argv}:
            about += " (dry run)"
        return subject(Subject(service=ServiceType.FileShare, type=JobType.Backup, description=about, resource=source))

    def reader(self, argv: Sequence[str]) -> "RobocopyReader":
        """A fresh reader for one run of the command."""
        return RobocopyReader(argv)


class RobocopyReader(LineReader):
    """The rows of the table at the end; until then nothing is counted."""

    def __init__(self, argv: Sequence[str]) -> None:
        super().__init__(argv)
        self._rows = 0
        self._files = [0] * 6
        self._size = 0

    def counts(self) -> Counts:
        """Files: what is skipped is there already, and what differs in kind is left alone."""
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
        """0 to 7 Successful; from 8 on Exception where files are right at the destination; from 16 on Failed."""
        counts = self.counts() if self._rows > 1 else None
        if 0 <= exit_code < _SOME_FAILED and not (self._wrappers and self._theirs):
            state = JobState.Successful
        elif _SOME_FAILED <= exit_code < _FATAL and (counts or exit_code & _COPIED):
            state = partly(counts) if counts else JobState.Exception
        else:
            state = JobState.Failed
        summary = f"{plural(self._files[1], 'file')} copied of {self._files[0]:,}" if counts else ""
        return self.conclude(exit_code, state, counts, summary)
