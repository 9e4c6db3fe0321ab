"""rclone: its JSON or plain log and exit code in; counts, state and comments out.

Types: what copies is Backup, in whatever direction (which of two remotes is the copy, only its user knows); check and
what else only reads Report; delete, purge and cleanup Retention.
"""

import re
from collections.abc import Sequence
from typing import Any, Final

from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.runner.tools.base import Counts, Outcome, Stream, Subject
from jobreport.runner.tools.command import Options, parse, unwrap
from jobreport.runner.tools.options import RCLONE
from jobreport.runner.tools.reading import LineReader, bounded, partly, subject
from jobreport.runner.tools.text import child, clean, json_object, names, plural, size_of, string, whole

_COPIES: Final = frozenset({"copy", "sync", "move", "copyto", "moveto", "bisync", "copyurl", "archive"})
_DELETES: Final = frozenset({"delete", "deletefile", "purge", "cleanup", "rmdir", "rmdirs", "dedupe"})
_READS: Final = frozenset({"check", "cryptcheck", "checksum", "ls", "lsd", "lsl", "lsf", "lsjson", "size", "md5sum"})
_ERROR_LEVELS: Final = frozenset({"error", "critical", "alert", "emergency", "fatal"})
_TEXT: Final = re.compile(r"\d{4}/\d\d/\d\d \d\d:\d\d:\d\d (?:(\w+)\s*: )?(.*)")
_LOOSE_ERROR: Final = re.compile(r"(Error|Fatal error|Failed to [\w ]+): ?.*")
_BYTES: Final = re.compile(r"\s*Transferred:\s+([\d.]+ \w+) / ([\d.]+ \w+), ")
_OBJECTS: Final = re.compile(r"\s*Transferred:\s+(\d+) / (\d+), ")
_CHECKS: Final = re.compile(r"\s*Checks:\s+(\d+) / (\d+)")
_ERRORS: Final = re.compile(r"\s*Errors:\s+(\d+)")
_DONE: Final = ("Copied (", "Moved (", "Multi-thread Copied (")


class Rclone:
    """rclone 1.50 and later, `--use-json-log` or not; it tells counts with `-v` or `--stats-log-level NOTICE` only."""

    name = "rclone"

    def subject(self, argv: Sequence[str]) -> Subject:
        """A file share's job: what is copied, and where to."""
        given = _options(argv)
        action, *words = given.words or [""]
        kind = JobType.Report if action in _READS else JobType.Retention if action in _DELETES else JobType.Backup
        if action in _COPIES and len(words) > 1:
            about = f"rclone {action} of {words[0]} to {words[1]}"
        else:
            about = f"rclone {action} {names(words)}".strip()
        if given.has("--dry-run", "-n"):
            about += " (dry run)"
        resource = words[0] if words else ""
        return subject(Subject(service=ServiceType.FileShare, type=kind, description=about, resource=resource))

    def reader(self, argv: Sequence[str]) -> "RcloneReader":
        """A fresh reader for one run of the command."""
        return RcloneReader()


def _options(argv: Sequence[str]) -> Options:
    return parse(unwrap(argv)[1:], RCLONE)


class RcloneReader(LineReader):
    """The newest statistics, of either log format, and what was copied since."""

    def __init__(self) -> None:
        super().__init__()
        self._counted = False
        self._transfers = self._checks = self._errors = self._size = 0
        self._total = 0

    def counts(self) -> Counts:
        """Objects so far; those that were compared and found the same count as successful."""
        return bounded(
            failed=self._errors, successful=self._transfers + self._checks, total=self._total, size=self._size
        )

    def read(self, stream: Stream, text: str) -> None:
        """Takes one line that is not blank."""
        if (record := json_object(text)) is not None:
            self._record(record)
        else:
            self._plain(clean(text))

    def outcome(self, exit_code: int) -> Outcome:
        """0 Successful; 9 Skipped; 8 and 10 (a limit was reached) Stopped; else by whether anything got through."""
        found = bounded(failed=self._errors, successful=self._transfers + self._checks, size=self._size)
        counts = found if self._counted else None
        if exit_code == 0:
            state = JobState.Successful
        elif exit_code == 9:
            state = JobState.Skipped
        elif exit_code in {8, 10}:
            state, counts = JobState.Stopped, self.counts() if self._counted else None
        else:
            state = partly(counts) if found.successful else JobState.Failed
        return self.conclude(exit_code, state, counts, self._summary(exit_code))

    def _summary(self, exit_code: int) -> str:
        if exit_code == 9 and not self._counted:
            return "nothing to transfer"
        if not self._counted:
            return ""
        what = f"{plural(self._transfers, 'object')} transferred" if self._transfers else "nothing to transfer"
        return f"{what}, {self._checks:,} unchanged, {self._size:,} bytes"

    def _record(self, record: dict[str, Any]) -> None:
        text, level = string(record.get("msg")), string(record.get("level")).casefold()
        if stats := child(record, "stats"):
            self._counted = True
            self._transfers, self._checks = whole(stats.get("transfers")), whole(stats.get("checks"))
            self._errors, self._size = whole(stats.get("errors")), whole(stats.get("bytes"))
            self._total = whole(stats.get("totalTransfers")) + whole(stats.get("totalChecks")) + self._errors
        elif level in _ERROR_LEVELS or _LOOSE_ERROR.match(text):
            name = string(record.get("object"))
            self.errors.add(f"{name}: {text}" if name else text)
        elif text.startswith(_DONE):
            self._copied(whole(record.get("size")))

    def _plain(self, text: str) -> None:
        """A line of the plain log or of its statistics, which begin with the bytes."""
        if match := _BYTES.match(text):
            self._counted = True
            self._size = size_of(match[1])
            self._errors = self._total = 0
        elif match := _OBJECTS.match(text):
            self._transfers = whole(match[1])
            self._total += whole(match[2])
        elif match := _CHECKS.match(text):
            self._checks = whole(match[1])
            self._total += whole(match[2])
        elif match := _ERRORS.match(text):
            self._errors = whole(match[1])
            self._total += self._errors
        elif match := _TEXT.match(text):
            level, words = match[1] or "", match[2]
            if level.casefold() in _ERROR_LEVELS or _LOOSE_ERROR.match(words):
                self.errors.add(words)
            elif words.partition(": ")[2].startswith(_DONE):
                self._copied(0)
        elif _LOOSE_ERROR.match(text):
            self.errors.add(text)

    def _copied(self, size: int) -> None:
        """One more object since the last statistics, which come once a minute unless they are asked for."""
        self._counted = True
        self._transfers += 1
        self._size += size
