"""Reads the result of duplicity from its statistics, whose names it never translates, and its exit code.

It ends with 0 even if files could not be read; `Errors` says how many. `SourceFiles` also counts folders, and they
cannot be told apart.
"""

import re
from collections.abc import Sequence
from typing import Final

from jobreport.model.brings import brings
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.runner.command_lines.command import Options, parse
from jobreport.runner.command_lines.options import DUPLICITY
from jobreport.runner.command_lines.wrappers import arguments
from jobreport.runner.text import whole
from jobreport.runner.tools.base import Counts, Outcome, Stream, Subject
from jobreport.runner.tools.reading import LineReader, bounded, partly, subject

_TYPES: Final = {
    **dict.fromkeys(("backup", "full", "incremental", "incr", "inc"), JobType.Backup),
    "restore": JobType.Restore,
    **dict.fromkeys(
        ("cleanup", "remove-older-than", "remove-all-but-n-full", "remove-all-inc-of-but-n-full"), JobType.Retention
    ),
    **dict.fromkeys(("verify", "collection-status", "list-current-files"), JobType.Report),
}
_STATISTIC: Final = re.compile(r"(SourceFiles|SourceFileSize|Errors|TotalDestinationSizeChange) (\d{1,30})\b")
# `Verify complete: 8 files compared, 0 differences found.`
_COMPARED: Final = re.compile(r"[^:]{3,60}[:\uff1a]\s*(\d{1,12}) [^\d,]+, (\d{1,12}) [^\d,]+$")


class Duplicity:
    """duplicity 0.7 and later."""

    name = "duplicity"
    brings = brings(*((ServiceType.FileShare, kind) for kind in _TYPES.values()))

    def subject(self, argv: Sequence[str]) -> Subject:
        """Returns a job of a file share: what is backed up or restored, and where it is copied to or from."""
        action, words = _action(_options(argv))
        source, target = [*words, "", ""][:2]
        if action == "restore":
            about, resource = f"duplicity restore of {source}" + (f" to {target}" if target else ""), target
        elif _TYPES[action] is JobType.Backup:
            about, resource = f"duplicity backup of {source}" + (f" to {target}" if target else ""), source
        else:
            about, resource = f"duplicity {action} {' '.join(words)}".strip(), words[-1] if words else ""
        return subject(
            Subject(service=ServiceType.FileShare, type=_TYPES[action], description=about, resource=resource)
        )

    def reader(self, argv: Sequence[str]) -> "DuplicityReader":
        """Returns a fresh reader for one run of the command."""
        return DuplicityReader(argv, _action(_options(argv))[0])


def _options(argv: Sequence[str]) -> Options:
    return parse(arguments(argv, "duplicity"), DUPLICITY)


def _action(given: Options) -> tuple[str, list[str]]:
    """Returns the action and its arguments. If none is named: a restore if it copies from a URL to a path, otherwise a
    backup.
    """
    words = given.words
    if words and words[0] in _TYPES:
        return words[0], words[1:]
    return "restore" if len(words) > 1 and "://" in words[0] and "://" not in words[1] else "backup", words


class DuplicityReader(LineReader):
    """Reads the statistics at the end of a backup, or the result of a verification."""

    def __init__(self, argv: Sequence[str], action: str) -> None:
        super().__init__(argv)
        self._action = action
        self._statistics: dict[str, int] = {}
        self._compared: tuple[int, int] | None = None

    def counts(self) -> Counts:
        """Returns the files and folders; nothing before the end."""
        if self._compared:
            files, differences = self._compared
            return bounded(failed=differences, successful=files - differences)
        told = self._statistics.get
        return bounded(failed=told("Errors", 0), successful=told("SourceFiles", 0), size=told("SourceFileSize", 0))

    def read(self, stream: Stream, text: str) -> None:
        """Takes one line that is not blank."""
        if match := _STATISTIC.match(text):
            self._statistics[match[1]] = whole(match[2])
        elif self._action == "verify" and (match := _COMPARED.match(text.rstrip(" ."))):
            self._compared = whole(match[1]), whole(match[2])
        elif stream == "stderr" or text.startswith("Error "):
            self.errors.add(text)

    def outcome(self, exit_code: int) -> Outcome:
        """Exit code 0 is Successful, or Exception if files could not be read. A verification that found differences is
        Exception; any other end is Failed.
        """
        counts = self.counts() if self._statistics or self._compared else None
        backup = _TYPES[self._action] is JobType.Backup
        if self.masked and backup and not counts and self.errors.text():
            self.gave_up = True  # a backup that ends well tells its figures
        differs = counts is not None and counts.failed > 0 and (exit_code == 0 or self._compared is not None)
        good = JobState.Successful if exit_code == 0 else JobState.Failed
        state = partly(counts) if differs else good
        summary = ""
        if self._statistics:
            added = self._statistics.get("TotalDestinationSizeChange", 0)
            summary = f"{self._statistics.get('SourceFiles', 0):,} files and folders, {added:,} bytes added"
        return self.conclude(exit_code, state, counts, summary)
