"""Reads the result of barman from what it says of each server, and its exit code."""

import re
from collections.abc import Sequence
from typing import Final

from msgspec.structs import replace

from jobreport.model.brings import brings
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.runner.command_lines.command import Options, parse
from jobreport.runner.command_lines.options import BARMAN
from jobreport.runner.command_lines.wrappers import arguments
from jobreport.runner.text import plural, size_of
from jobreport.runner.tools import made
from jobreport.runner.tools.base import Counts, Outcome, Stream, Subject
from jobreport.runner.tools.reading import LineReader, bounded, partly, subject

_TYPES: Final = {
    **dict.fromkeys(("backup", "sync-backup", "archive-wal", "receive-wal", "sync-wals"), JobType.Backup),
    **dict.fromkeys(("recover", "restore", "get-wal"), JobType.Restore),
    **dict.fromkeys(("delete", "cron", "keep"), JobType.Retention),
    **dict.fromkeys(("check", "check-backup", "verify", "verify-backup", "status", "diagnose"), JobType.Report),
}
_BEGUN: Final = re.compile(r"Starting backup using \S+ method for server (\S+) in \S*?(\d{8}T\d{6})")
_DONE: Final = re.compile(r"Backup completed \(start time: ")
_DELETED: Final = re.compile(r"Deleted backup \d{8}T\d{6} ")
_SIZE: Final = re.compile(r"Backup size: ([\d.]+ \w+)")
_ERROR: Final = re.compile(r"(?:ERROR|EXCEPTION): ")
_CHECK: Final = re.compile(r"\t(.{1,200}?): (OK|FAILED)\b")
_COPIER: Final = re.compile(r"(?:pg_basebackup: error|rsync error|WARNING: +checksum verification failed)")
_WAITS: Final = "WAITING_FOR_WALS"


class Barman:
    """barman 2 and 3."""

    name = "barman"
    brings = brings(*((ServiceType.Common, kind) for kind in _TYPES.values()))

    def subject(self, argv: Sequence[str]) -> Subject:
        """Returns a job of a database: the command, and barman's server."""
        action, *words = _options(argv).words or [""]
        server = next(iter(words), "")
        about = f"barman {action}" + (f" of {server}" if server else "")
        kind = _TYPES.get(action, JobType.Backup)
        return subject(Subject(service=ServiceType.Common, type=kind, description=about.strip(), resource=server))

    def reader(self, argv: Sequence[str]) -> "BarmanReader":
        """Returns a fresh reader for one run of the command."""
        action, *servers = _options(argv).words or [""]
        return BarmanReader(argv, action, is_one=len(servers) == 1 and servers != ["all"])


def _options(argv: Sequence[str]) -> Options:
    return parse(arguments(argv, "barman"), BARMAN)


class BarmanReader(LineReader):
    """Counts the servers that are backed up, the backups that are deleted, or what a check looks at."""

    def __init__(self, argv: Sequence[str], action: str, *, is_one: bool) -> None:
        super().__init__(argv)
        self._action, self._is_one = action, is_one
        self._begun: list[str] = []
        self._done = self._failed = self._size = 0
        self._waits = self._stopped = False

    def counts(self) -> Counts:
        """Returns what is done, and what failed so far."""
        return bounded(failed=self._failed, successful=self._done, total=len(self._begun), size=self._size)

    def read(self, stream: Stream, text: str) -> None:
        """Takes one line that is not blank."""
        if match := _BEGUN.match(text):
            self._begun.append(made.barman(match[1], match[2]))
        elif (self._action == "backup" and _DONE.match(text)) or _DELETED.match(text):
            self._done += 1
        elif match := _SIZE.match(text):
            self._size += size_of(match[1])
        elif match := _CHECK.match(text):
            self._done += match[2] == "OK"
            if match[2] != "OK":
                self._failed += 1
                self.errors.add(text)
        elif _ERROR.match(text):
            self._failed += 1
            self.errors.add(text)
        elif text == "DETAILS: KeyboardInterrupt":
            self._stopped = True
        elif text.startswith("DETAILS: ") or _COPIER.match(text):
            self.errors.add(text)
        self._waits |= _WAITS in text

    def outcome(self, exit_code: int) -> Outcome:
        """Exit code 0 is Successful; any other Failed, or Exception if something was done."""
        counts = self.counts() if self._done or self._failed else None
        state = JobState.Successful if exit_code == 0 else JobState.Failed
        if exit_code == 0 and self._failed:
            state = partly(counts)
        elif self._stopped:
            state = JobState.Stopped
        elif exit_code and self._done:
            state = JobState.Exception
            counts = counts if self._failed else bounded(failed=1, successful=self._done, size=self._size)
        outcome = self.conclude(exit_code, state, counts, self._summary())
        there = outcome.state in {JobState.Successful, JobState.Exception} and self._action == "backup"
        # Of several servers one may have failed before its backup had a name.
        one = there and len(self._begun) == self._done == 1 and (self._is_one or not self._failed)
        return replace(outcome, made=self._begun[0] if one else "")

    def _summary(self) -> str:
        if not self._begun:
            return self.last_line()
        waits = "; it waits for the write-ahead logs without which it cannot be restored" if self._waits else ""
        return f"{plural(self._done, 'backup')} made{waits}"
