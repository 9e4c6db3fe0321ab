"""Reads the result of rclone from its JSON or plain log, the statistics in it, and its exit code.

Commands that copy are of type Backup in either direction, as only the user knows which of two remotes is the copy.
Check and other commands that only read are of type Report; delete, purge and cleanup of type Retention.

rclone prints counts only with `-v` or `--stats-log-level NOTICE`; `check` always does. `rclone_tally` works out how
many objects are right.
"""

import re
from collections.abc import Sequence
from typing import Any, Final

from jobreport.model.brings import brings
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.runner.command_lines.command import Options, parse
from jobreport.runner.command_lines.options import RCLONE
from jobreport.runner.command_lines.wrappers import arguments
from jobreport.runner.text import child, clean, json_object, names, plural, size_of, string, whole
from jobreport.runner.tools.base import Counts, Outcome, Stream, Subject
from jobreport.runner.tools.rclone_tally import Figures, Tally
from jobreport.runner.tools.reading import LineReader, bounded, partly, subject

_COPIES: Final = frozenset({"copy", "sync", "move", "copyto", "moveto", "bisync", "copyurl", "archive"})
_DELETES: Final = frozenset({"delete", "deletefile", "purge", "cleanup", "rmdir", "rmdirs", "dedupe"})
_READS: Final = frozenset({"check", "cryptcheck", "checksum", "ls", "lsd", "lsl", "lsf", "lsjson", "size", "md5sum"})
_CHECKS_COPIES: Final = frozenset({"check", "cryptcheck", "checksum"})
_MOVES: Final = frozenset({"move", "moveto"})
_ERROR_LEVELS: Final = frozenset({"error", "critical", "alert", "emergency", "fatal"})
_TEXT: Final = re.compile(r"\d{4}/\d\d/\d\d \d\d:\d\d:\d\d (?:([A-Z]+) *: )?(.*)")
_LOOSE_ERROR: Final = re.compile(r"(Error|Fatal error|Failed to [\w ]+): ?.*|Failed to \w+ with \d+ errors")
_BYTES: Final = re.compile(r"\s*Transferred:\s+([\d.]+ \w+) / ([\d.]+ \w+), ")
_ONE_LINE: Final = re.compile(r"\s*([\d.]+ \w+) / ([\d.]+ \w+), (?:\d+%|-), ")
_OBJECTS: Final = re.compile(r"\s*Transferred:\s+(\d+) / (\d+), ")
_CHECKS: Final = re.compile(r"\s*Checks:\s+(\d+) / (\d+)(?:, [\d%-]+, Listed (\d+))?")
_ERRORS: Final = re.compile(r"\s*Errors:\s+(\d+)")
_DELETED: Final = re.compile(r"\s*Deleted:\s+(\d+)")
_RENAMED: Final = re.compile(r"\s*Renamed:\s+(\d+)")
_ATTEMPT: Final = re.compile(r"Attempt \d+/\d+ (?:failed|succeeded)|Can't retry any of the errors|Fatal error received")
_MATCHING: Final = re.compile(r"(\d+) matching files")
_DIFFERENT: Final = re.compile(r"(\d+) differences found")
# What is said of an object, behind its name and a colon in the plain log.
_OF_OBJECT: Final = re.compile(
    r"(?:^|: )((?:Multi-thread )?Copied \(|Moved \(|Moved into backup dir|Deleted$|Unchanged skipping|Couldn't delete"
    r"|Failed to (?:copy|move|open)|Couldn't move|partial file rename failed|corrupted on transfer|Listing error"
    r"|not deleting)"
)
_TRANSFER_FAILED: Final = re.compile(r"Failed to (?:copy|move)|Couldn't move|partial file rename|corrupted on transfer")
_AT_SOURCE: Final = re.compile(r"source object|: read ")
_PARTIAL: Final = re.compile(r"\.[0-9a-f]{8}\.partial$")

_CAUSES: Final = {3: "missing", 4: "missing", 10: "timed-out"}
"""What an exit code says: no such folder, no such file, `--max-duration` is over."""


class Rclone:
    """rclone 1.50 and later, with or without `--use-json-log`."""

    name = "rclone"
    brings = brings(*((ServiceType.FileShare, kind) for kind in (JobType.Backup, JobType.Report, JobType.Retention)))

    def subject(self, argv: Sequence[str]) -> Subject:
        """Returns a job of a file share: what is copied, and where to."""
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
        """Returns a fresh reader for one run of the command."""
        given = _options(argv)
        return RcloneReader(argv, next(iter(given.words), ""), backup_dir=given.has("--backup-dir", "--suffix"))


def _options(argv: Sequence[str]) -> Options:
    return parse(arguments(argv, "rclone"), RCLONE)


class RcloneReader(LineReader):
    """Reads the newest statistics, in either log format, and the messages about single objects."""

    def __init__(self, argv: Sequence[str], action: str, *, backup_dir: bool) -> None:
        super().__init__(argv)
        self._action = action
        self._tally = Tally(backup_dir=backup_dir)
        self._figures: dict[str, int] = {}  # of a block of plain text that is being read
        self._counted = False
        self._size = self._expected = 0
        self._matching: int | None = None
        self._different = 0

    def counts(self) -> Counts:
        """Returns the objects so far. Objects that were already right count as successful."""
        return self._bounded(self._expected + self._right())

    def read(self, stream: Stream, text: str) -> None:
        """Takes one line that is not blank."""
        if (record := json_object(text)) is not None:
            self._record(record)
        else:
            self._plain(clean(text))

    def outcome(self, exit_code: int) -> Outcome:
        """Exit code 0 is Successful, 9 Skipped, 8 and 10 (a limit was reached) Stopped. For any other, Exception if any
        object is right, else Failed.
        """
        found = self._bounded(0)
        counts = found if self._counted else None
        if exit_code == 0:
            state = JobState.Successful
        elif exit_code == 9:
            state = JobState.Skipped
        elif exit_code in {8, 10}:
            state, counts = JobState.Stopped, self.counts() if self._counted else None
        else:
            state = partly(counts) if found.successful else JobState.Failed
        if self._action == "bisync" and not (found.failed or found.successful):
            counts = None  # it does not tell how many it compared
        return self.conclude(exit_code, state, counts, self._summary(exit_code), cause=_CAUSES.get(exit_code, ""))

    def _right(self) -> int:
        if self._matching is not None or self._action in _CHECKS_COPIES:
            return self._matching or 0
        if self._action in _DELETES:
            return self._tally.deletions
        if self._action == "bisync":  # its checks compare listings
            return self._tally.transferred
        return self._tally.transferred + self._tally.needed_nothing

    def _bounded(self, total: int) -> Counts:
        failed = max(self._tally.failures, self._different)
        return bounded(failed=failed, successful=self._right(), total=total and total + failed, size=self._size)

    def _summary(self, exit_code: int) -> str:
        if exit_code == 9 and not self._counted:
            return "nothing to transfer"
        if not self._counted:
            return ""
        if self._action in _CHECKS_COPIES:
            return f"{plural(self._right(), 'object')} match"
        if self._action in _DELETES:
            return f"{plural(self._right(), 'object')} deleted"
        done = self._tally.transferred
        what = f"{plural(done, 'object')} transferred" if done else "nothing to transfer"
        return f"{what}, {self._right() - done:,} unchanged, {self._size:,} bytes"

    def _record(self, record: dict[str, Any]) -> None:
        if stats := child(record, "stats"):
            self._counted = True
            self._size = whole(stats.get("bytes"))
            self._expected = sum(
                max(0, whole(stats.get(total)) - whole(stats.get(done)))
                for total, done in (("totalTransfers", "transfers"), ("totalChecks", "checks"))
            )
            self._tally.figured(Figures(**{name: whole(stats.get(name)) for name in Figures.__struct_fields__}))
            return
        text, level = clean(string(record.get("msg"))), string(record.get("level")).casefold()
        self._said(level, string(record.get("object")), text, whole(record.get("size")))

    def _plain(self, text: str) -> None:
        """Reads a line of the plain log, or of its statistics, which begin with the bytes."""
        if match := _BYTES.match(text):
            self._counted = True
            self._size = size_of(match[1])
            self._figures = {"transfers": self._tally.transferred}
            self._expected = 0
        elif match := _OBJECTS.match(text):
            self._figured(transfers=whole(match[1]))
            self._expected += max(0, whole(match[2]) - whole(match[1]))
        elif match := _CHECKS.match(text):
            self._figured(checks=whole(match[1]), listed=whole(match[3]))
            self._expected += max(0, whole(match[2]) - whole(match[1]))
        elif match := _ERRORS.match(text):
            self._figured(errors=whole(match[1]))
        elif match := _DELETED.match(text):
            self._figured(deletes=whole(match[1]))
        elif match := _RENAMED.match(text):
            self._figured(renames=whole(match[1]))
        elif match := _TEXT.match(text):
            level, words = (match[1] or "").casefold(), match[2]
            if found := _ONE_LINE.match(words):
                self._size = size_of(found[1])
                return
            name = ""
            if found := _OF_OBJECT.search(words):
                name, words = words[: found.start()], words[found.start(1) :]
            self._said(level, name, words, 0)
        elif _LOOSE_ERROR.match(text):
            self._said("critical", "", text, 0)

    def _figured(self, **figures: int) -> None:
        self._figures |= figures
        self._tally.figured(Figures(**self._figures))

    def _said(self, level: str, name: str, text: str, size: int) -> None:
        """Reads one message of the log, about an object or about the run."""
        if level in _ERROR_LEVELS or (not name and _LOOSE_ERROR.match(text)):
            self._trouble(level, name, text)
        elif match := _MATCHING.search(text):
            self._counted, self._matching = True, whole(match[1])
        elif match := _DIFFERENT.search(text):
            self._counted, self._different = True, whole(match[1])
        elif text.startswith("Unchanged skipping"):
            self._tally.unchanged()
        elif text == "Deleted":
            self._tally.deleted(name)
            self._counted |= self._action in _DELETES
        elif text.startswith("Moved ("):
            if self._action in _MOVES:  # elsewhere it is what was replaced, on its way into --backup-dir
                self._tally.moved(name)
                self._arrived(size)
        elif text.startswith(("Copied (", "Multi-thread Copied (")):
            self._tally.copied(new="new)" in text)
            self._arrived(size)

    def _trouble(self, level: str, name: str, text: str) -> None:
        self.errors.add(f"{name}: {text}" if name else text)
        if _ATTEMPT.match(text):
            self._tally.attempted(failed="succeeded" not in text)
        elif text.startswith("Couldn't delete"):
            self._tally.failed_delete(name)
        elif text.startswith("Couldn't move"):
            self._tally.failed_move(name)
        elif name and not text.startswith("not deleting"):
            transfer = _TRANSFER_FAILED.match(text) is not None
            at_source = _AT_SOURCE.search(text) is not None
            self._tally.failed(_PARTIAL.sub("", name), transfer=transfer, at_source=at_source)
        elif not name and level != "error":
            self.gave_up = True

    def _arrived(self, size: int) -> None:
        """Counts one more object since the last statistics, which come once a minute by default."""
        self._counted = True
        self._size += size
        self._expected = max(0, self._expected - 1)
