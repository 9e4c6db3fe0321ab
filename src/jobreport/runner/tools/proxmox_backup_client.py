"""Reads the result of proxmox-backup-client from its messages and its exit code.

It ends with 0 even if files could not be opened; each of them is told by a warning.
"""

import re
from collections.abc import Sequence
from typing import Final

from jobreport.model.brings import brings
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.runner.command_lines.command import Options, parse
from jobreport.runner.command_lines.options import PROXMOX_BACKUP_CLIENT
from jobreport.runner.command_lines.wrappers import arguments
from jobreport.runner.text import names, plural, size_of
from jobreport.runner.tools.base import Counts, Outcome, Stream, Subject
from jobreport.runner.tools.reading import LineReader, bounded, partly, subject

_TYPES: Final = {
    "backup": JobType.FileBackup,
    "restore": JobType.FileRestore,
    **dict.fromkeys(("prune", "forget"), JobType.Retention),
    **dict.fromkeys(("list", "snapshot", "snapshots", "status", "catalog", "benchmark", "task"), JobType.Report),
}
_SNAPSHOT: Final = re.compile(r"Starting backup: (\S.{0,300})")
_UPLOAD: Final = re.compile(r"Upload (?:directory|image|config file|log file) '")
_STORED: Final = re.compile(r"(\S+): had to (?:backup|upload) .{1,30} of ([\d.]+ ?[KMGTPE]?i?B)")
_UNREAD: Final = re.compile(r"failed to open file: |warning: file vanished|file vanished|error at ")
_ENDED: Final = re.compile(r"End Time: |Duration: [\d.]+s$")


class ProxmoxBackupClient:
    """proxmox-backup-client 1 and later."""

    name = "proxmox-backup-client"
    brings = brings(*((ServiceType.FileShare, kind) for kind in _TYPES.values()))

    def subject(self, argv: Sequence[str]) -> Subject:
        """Returns a job of a file share: the archives, and the repository."""
        given = _options(argv)
        action, *words = given.words or [""]
        repository = given.first("--repository")
        # An archive is named with its source: `root.pxar:/`.
        what = names(word.partition(":")[2] or word for word in words) if action == "backup" else names(words)
        about = f"proxmox-backup-client {action} of {what}" if what else f"proxmox-backup-client {action}"
        if repository:
            about += f" {'from' if action == 'restore' else 'to'} {repository}"
        kind = _TYPES.get(action, JobType.FileBackup)
        return subject(Subject(service=ServiceType.FileShare, type=kind, description=about, resource=what))

    def reader(self, argv: Sequence[str]) -> "ProxmoxBackupClientReader":
        """Returns a fresh reader for one run of the command."""
        return ProxmoxBackupClientReader(argv)


def _options(argv: Sequence[str]) -> Options:
    return parse(arguments(argv, "proxmox-backup-client"), PROXMOX_BACKUP_CLIENT)


class ProxmoxBackupClientReader(LineReader):
    """Counts the archives of a backup, and the files that are not in them."""

    def __init__(self, argv: Sequence[str]) -> None:
        super().__init__(argv)
        self._begun = self._unread = self._size = 0
        self._ended = False
        self._snapshot = ""

    def counts(self) -> Counts:
        """Returns the archives; an archive is there when all of them are."""
        done = self._begun if self._ended else 0
        return bounded(failed=self._unread, successful=done, total=self._begun, size=self._size)

    def read(self, stream: Stream, text: str) -> None:
        """Takes one line that is not blank."""
        if _UPLOAD.match(text):
            self._begun += 1
        elif match := _STORED.match(text):
            self._size += size_of(match[2])
        elif match := _SNAPSHOT.match(text):
            self._snapshot = match[1].strip()
        elif _ENDED.match(text):
            self._ended = True
        elif _UNREAD.match(text):
            self._unread += 1
            self.errors.add(text)
        elif text.startswith("Error: "):
            self.gave_up = True
            self.errors.add(text)

    def outcome(self, exit_code: int) -> Outcome:
        """Exit code 0 is Successful, or Exception if files are missing; any other Failed."""
        counts = self.counts() if self._begun or self._unread else None
        state = JobState.Successful if exit_code == 0 else JobState.Failed
        if exit_code == 0 and self._begun:
            counts = bounded(failed=self._unread, successful=self._begun, size=self._size)
            state = partly(counts) if self._unread else state
        summary = f"{self._snapshot}, {plural(self._begun, 'archive')}" if self._snapshot else ""
        return self.conclude(exit_code, state, counts, summary)
