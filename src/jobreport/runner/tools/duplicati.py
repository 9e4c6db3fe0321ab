"""Reads the result of Duplicati's command line (duplicati-cli) from its figures and its exit code.

A backup ends with 0, with 1 if nothing had changed, 2 after warnings, 3 after errors, 50 if it was broken off, 100 if
it failed. It prints "Backup completed successfully!" in all but the last.
"""

import re
from collections.abc import Sequence
from typing import Final

from jobreport.model.brings import brings
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.runner.command_lines.command import Options, parse
from jobreport.runner.command_lines.options import DUPLICATI
from jobreport.runner.command_lines.wrappers import arguments
from jobreport.runner.text import names, whole
from jobreport.runner.tools.base import Counts, Outcome, Stream, Subject
from jobreport.runner.tools.reading import LineReader, bounded, partly, subject

PROGRAMS: Final = ("duplicati-cli", "duplicati.commandline", "duplicati.commandline.dll")
_TYPES: Final = {
    "backup": JobType.Backup,
    "restore": JobType.Restore,
    **dict.fromkeys(("delete", "purge", "purge-broken-files", "compact", "vacuum"), JobType.Retention),
    **dict.fromkeys(("test", "verify", "repair", "list", "find", "compare", "affected", "search"), JobType.Report),
}
_UNCHANGED, _WARNED, _ERRORS, _BROKEN_OFF = 1, 2, 3, 50
_FIGURE: Final = re.compile(r"\s*(ExaminedFiles|FilesWithError|SizeOfExaminedFiles): (\d{1,20})\s*$")
_CHANGES: Final = re.compile(r"  Files (added|deleted|changed): (\d{1,12})")
_RESTORED: Final = re.compile(r"Restored (\d{1,12}) \(([^)]{1,30})\) files to ")
_UPLOADED: Final = re.compile(r"  Data uploaded: (\S.{0,30})")


class Duplicati:
    """Duplicati 2's command line."""

    name = "duplicati"
    brings = brings(*((ServiceType.FileShare, kind) for kind in _TYPES.values()))

    def subject(self, argv: Sequence[str]) -> Subject:
        """Returns a job of a file share: what is backed up, and where to."""
        given = _options(argv)
        action, target, *words = [*given.words, "", ""]
        what = names(filter(None, words))
        place = f"{'to' if action == 'backup' else 'from'} {target}" if target else ""
        about = " ".join(filter(None, ("duplicati", action, what and f"of {what}", place)))
        if given.has("--dry-run", "--dryrun"):
            about += " (dry run)"
        kind = _TYPES.get(action, JobType.Backup)
        return subject(Subject(service=ServiceType.FileShare, type=kind, description=about, resource=what or target))

    def reader(self, argv: Sequence[str]) -> "DuplicatiReader":
        """Returns a fresh reader for one run of the command."""
        return DuplicatiReader(argv, next(iter(_options(argv).words), ""))


def _options(argv: Sequence[str]) -> Options:
    return parse(arguments(argv, "duplicati"), DUPLICATI)


class DuplicatiReader(LineReader):
    """Reads the figures of `--full-results`, or the few that are always printed."""

    def __init__(self, argv: Sequence[str], action: str) -> None:
        super().__init__(argv)
        self._action = action
        self._figures: dict[str, int] = {}
        self._restored: int | None = None
        self._said: list[str] = []

    def counts(self) -> Counts:
        """Returns the files; nothing before the end."""
        told = self._figures.get
        failed, examined = told("FilesWithError", 0), told("ExaminedFiles", 0)
        done = self._restored if self._restored is not None else max(0, examined - failed)
        return bounded(failed=failed, successful=done, size=told("SizeOfExaminedFiles", 0))

    def read(self, stream: Stream, text: str) -> None:
        """Takes one line that is not blank."""
        if match := _FIGURE.match(text):
            self._figures.setdefault(match[1], whole(match[2]))  # what comes again is of a part
        elif match := _CHANGES.match(text):
            self._said.append(f"{whole(match[2]):,} {match[1]}")
        elif match := _UPLOADED.match(text):
            self._said.append(f"{match[1]} uploaded")
        elif match := _RESTORED.match(text):
            self._restored = whole(match[1])
            self._said.append(f"{self._restored:,} files restored")
        elif stream == "stderr" or " => " in text:
            self.errors.add(text)

    def outcome(self, exit_code: int) -> Outcome:
        """Of a backup, exit codes 0 and 1 are Successful; 2, 3 and 50 Exception if any file was looked at. Of a
        restore, 2 is Exception. Any other is Failed.
        """
        counts = self.counts() if self._figures or self._restored is not None else None
        partial = {_WARNED, _ERRORS, _BROKEN_OFF} if self._action == "backup" else {_WARNED}
        if exit_code == 0 or (exit_code == _UNCHANGED and self._action == "backup"):
            state = JobState.Successful
        elif exit_code in partial:
            state = partly(counts)
        else:
            state = JobState.Failed
        return self.conclude(exit_code, state, counts, ", ".join(self._said))
