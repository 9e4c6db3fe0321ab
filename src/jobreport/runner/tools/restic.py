"""Reads the result of restic from its JSON or plain output and its exit code.

Backup and copy are of type Backup; restore and dump Restore; forget, prune and the repository's other maintenance
Retention; init, key and migrate Initialize; commands that only read (check, snapshots, stats …) Report.

An exit code of 0 is not always success: restic 0.14 also ends so if a source is missing, and if an append-only server
refuses the removals of `forget` one by one.
"""

import re
from collections.abc import Sequence
from typing import Any, Final

from msgspec.structs import replace

from jobreport.model.brings import brings
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.runner.command_lines.command import Options, parse
from jobreport.runner.command_lines.options import RESTIC
from jobreport.runner.command_lines.wrappers import arguments
from jobreport.runner.text import child, json_object, json_value, names, plural, size_of, string, whole
from jobreport.runner.tools import made
from jobreport.runner.tools.base import Counts, Outcome, Stream, Subject
from jobreport.runner.tools.reading import LineReader, bounded, partly, subject

_TYPES: Final = {
    **dict.fromkeys(("backup", "copy"), JobType.Backup),
    **dict.fromkeys(("restore", "dump", "mount"), JobType.Restore),
    **dict.fromkeys(("forget", "prune", "rewrite", "repair", "rebuild-index", "unlock", "recover"), JobType.Retention),
    **dict.fromkeys(("init", "key", "migrate"), JobType.Initialize),
    **dict.fromkeys(("check", "snapshots", "stats", "ls", "find", "diff", "list", "cat"), JobType.Report),
}
_CAUSES: Final = {10: "missing", 11: "locked", 12: "wrong-password", 130: "cancelled"}
"""What an exit code says: no such repository, its lock was not to be had, a wrong password, Ctrl-C."""
_MISSING: Final = re.compile(r"(?:does not exist|does not match any files), skipping")
_FILES: Final = re.compile(r"Files:\s+(\d+) new,\s+(\d+) changed,\s+(\d+) unmodified")
_PROCESSED: Final = re.compile(r"processed (\d+) files?, ([\d.]+ \w+)")
_ADDED: Final = re.compile(r"Added to the repo\w*: ([\d.]+ \w+)")
_SNAPSHOT: Final = re.compile(r"snapshot (\w+) saved")
_GROUP: Final = re.compile(r"remove (\d+) snapshots:")
_REMOVED: Final = re.compile(r"(\d+) snapshots have been removed")
_DELETED: Final = re.compile(r".*?\b(\d+) / \d+ files deleted")
_REFUSED: Final = re.compile(r"(?:unable to remove |Remove\()<?(\w+)/(\w+)>?(?:\) failed:| from the repository)")
_MOST_REFUSED: Final = 100_000
"""How many refused removals are told apart: the same one is told twice."""
_RESTORED: Final = re.compile(
    r"Summary: Restored (\d+)(?: / (\d+))? files/dirs \(([\d.]+ \w+)(?: / [\d.]+ \w+)?\)(?:.*skipped (\d+))?"
)
# How it ends without the word `Fatal`.
_ENDED: Final = re.compile(r"repository is already locked (?:exclusively )?by PID \d+|signal \w+ received, cleaning up")
_FAILED_LINES: Final = ("error:", "ignoring error for", "error for tree")


class Restic:
    """restic 0.9 and later, with or without `--json`."""

    name = "restic"
    brings = brings(*((ServiceType.FileShare, kind) for kind in (JobType.Backup, *_TYPES.values())))

    def subject(self, argv: Sequence[str]) -> Subject:
        """Returns a job of a file share: what is backed up or restored, and the repository."""
        given = _options(argv)
        action, *words = given.words or [""]
        repository = given.first("-r", "--repo")
        joint = "of"
        if action == "backup":
            what = (
                names(words) or given.first("--stdin-filename") or given.first("--files-from", "--files-from-verbatim")
            )
            about, resource, joint = f"restic backup of {what or 'standard input'}", what, "to"
        elif action == "restore":
            target = given.first("-t", "--target")
            about = f"restic restore of {names(words)}" + (f" from {repository}" if repository else "")
            resource, joint, repository = target, "to", target
        else:
            about, resource = f"restic {action} {names(words)}".strip(), repository
        if repository:
            about += f" {joint} {repository}"
        if given.has("--dry-run"):
            about += " (dry run)"
        kind = _TYPES.get(action, JobType.Backup)
        return subject(Subject(service=ServiceType.FileShare, type=kind, description=about, resource=resource))

    def reader(self, argv: Sequence[str]) -> "ResticReader":
        """Returns a fresh reader for one run of the command."""
        return ResticReader(argv, next(iter(_options(argv).words), ""))


def _options(argv: Sequence[str]) -> Options:
    return parse(arguments(argv, "restic"), RESTIC)


class ResticReader(LineReader):
    """Reads the status and summary messages of `--json`, or the same figures from the plain text."""

    def __init__(self, argv: Sequence[str], action: str) -> None:
        super().__init__(argv)
        self._action = action
        self._counted = self._ended = False
        self._failed = self._found = self._done = self._skipped = self._total = self._size = 0
        self._pruning = self._grouped = False
        self._refused: dict[str, set[str]] = {}
        self._said: list[str] = []
        self._snapshot = ""
        self._host = _options(argv).first("-H", "--host")

    def counts(self) -> Counts:
        """Returns the files so far; for forget, the snapshots, without those that the repository refused to remove."""
        total = 0 if self._ended else self._total
        failed = max(self._failed, self._found)  # check tells its errors one by one, and how many there were
        failed += sum(map(len, self._refused.values()))
        done = self._done - len(self._refused.get("snapshot", ()))
        return bounded(failed=failed, successful=done, skipped=self._skipped, total=total, size=self._size)

    def read(self, stream: Stream, text: str) -> None:
        """Takes one line that is not blank."""
        if (message := json_object(text)) is not None:
            self._message(message)
        elif self._action == "forget" and text.startswith("[{"):
            self._forgotten(json_value(text))
        else:
            self._plain(text)

    def outcome(self, exit_code: int) -> Outcome:
        """Exit code 0 is Successful unless something failed all the same; 3 Exception; 130 Stopped;
        any other Failed.
        """
        counts = self.counts() if self._counted or self._failed or self._found or self._refused else None
        partial = partly(counts if self._ended else None)
        if exit_code == 0:
            failed = counts is not None and counts.failed > 0
            state = partial if failed and not self.gave_up else JobState.Successful
        elif exit_code == 3:
            state = partial
        elif exit_code == 130:
            state = JobState.Stopped
        elif self._action == "restore" and self._ended and self._done:
            state = JobState.Exception  # restore ends with 1 when single files failed; the others are there
        else:
            state = JobState.Failed
        said = ", ".join(self._said) or self._last_words()
        outcome = self.conclude(exit_code, state, counts, said, cause=_CAUSES.get(exit_code, ""))
        return replace(outcome, made=made.restic(self._snapshot, self._host) if self._snapshot else "")

    def _last_words(self) -> str:
        """Returns the last words of a success. The advice that `init` prints at its end is left out."""
        return "" if self._action == "init" else self.last_line()

    def _message(self, message: dict[str, Any]) -> None:
        kind = message.get("message_type")
        if kind == "status":
            self._counted = True
            self._done = whole(message.get("files_done", message.get("files_restored", self._done)))
            self._skipped = whole(message.get("files_skipped", self._skipped))
            self._total = max(self._total, whole(message.get("total_files")))
            self._size = max(self._size, whole(message.get("bytes_done", message.get("bytes_restored"))))
        elif kind == "summary":
            self._summary(message)
        elif kind == "error":
            # What the scan cannot read fails again when it is archived: it is counted there.
            self._failed += message.get("during") != "scan"
            self.errors.add(_words(message))
        elif kind == "exit_error":
            self.gave_up = True
            self.errors.add(string(message.get("message")))

    def _summary(self, summary: dict[str, Any]) -> None:
        if "num_errors" in summary:
            self._found = whole(summary["num_errors"])
            return
        self._counted = self._ended = True
        if "total_files_processed" in summary:
            self._done = whole(summary["total_files_processed"])
            self._size = whole(summary.get("total_bytes_processed"))
            if snapshot := string(summary.get("snapshot_id")):
                self._snapshot = snapshot
                self._said.append(f"snapshot {snapshot[:8]}")
            self._said.append(f"{whole(summary.get('data_added')):,} bytes added")
        else:
            self._done = whole(summary.get("files_restored"))
            self._skipped = whole(summary.get("files_skipped"))
            self._size = whole(summary.get("bytes_restored"))
            self._said.append(f"{plural(self._done, 'file')} restored")

    def _forgotten(self, groups: object) -> None:
        """Adds up the snapshots of `forget --json`."""
        removed = kept = 0
        for group in groups if isinstance(groups, list) else []:
            if isinstance(group, dict):
                removed += len(found) if isinstance(found := group.get("remove"), list) else 0
                kept += len(found) if isinstance(found := group.get("keep"), list) else 0
        self._counted = self._ended = True
        self._done = removed
        self._said.append(f"{plural(removed, 'snapshot')} removed, {kept:,} kept")

    def _plain(self, text: str) -> None:
        """Reads a line of plain text. Even with `--json`, restic prints some messages so."""
        if _MISSING.search(text) or text.startswith(_FAILED_LINES):
            self._failed += 1
            self.errors.add(text)
        elif match := _REFUSED.search(text):
            self._refuse(match[1], match[2])
            self.errors.add(text)
        elif text.startswith(("Fatal:", "Warning:", "unable to")) or _ENDED.search(text):
            self.gave_up |= text.startswith("Fatal:") or _ENDED.search(text) is not None
            self.errors.add(text)
        elif match := _FILES.match(text):
            self._counted, self._done = True, sum(whole(number) for number in match.groups())
        elif match := _PROCESSED.match(text):
            self._counted = self._ended = True
            self._done, self._size = whole(match[1]), size_of(match[2])
        elif match := _RESTORED.match(text):
            self._counted = self._ended = True
            self._done, self._size, self._skipped = whole(match[1]), size_of(match[3]), whole(match[4])
            self._said.append(f"{self._done:,} files and folders restored")
        elif self._action == "forget" and not self._pruning and self._forgets(text):
            return
        elif match := _SNAPSHOT.match(text):
            self._said.insert(0, f"snapshot {match[1]}")
            self._snapshot = match[1] if self._action == "backup" else ""
        elif match := _ADDED.match(text):
            self._said.append(f"{match[1]} added")

    def _forgets(self, text: str) -> bool:
        """Returns whether a line says how many snapshots are removed: first group by group, then in all. What a
        following prune deletes are not snapshots.
        """
        if match := _GROUP.match(text):
            self._done += whole(match[1])
            self._grouped = True
        elif match := _REMOVED.match(text):
            self._done = whole(match[1])
            self._pruning = True
        elif not self._grouped and (match := _DELETED.match(text)):
            self._done = max(self._done, whole(match[1]))
        else:
            return False
        self._counted = self._ended = True
        self._said = [f"{plural(self._done, 'snapshot')} removed"]
        return True

    def _refuse(self, kind: str, name: str) -> None:
        """Counts an object that could not be removed. A lock that stays behind is not an object of the job."""
        refused = self._refused.setdefault(kind, set())
        if kind != "lock" and len(refused) < _MOST_REFUSED:
            refused.add(name)


def _words(message: dict[str, Any]) -> str:
    """Returns an error's path and text. restic 0.14 has `{Op, Path, Err}` in place of `message`."""
    error = child(message, "error")
    text = string(error.get("message")) or string(message.get("message"))
    path = string(message.get("item")) or string(error.get("Path"))
    if not text:
        code = error.get("Err")
        number = f" (error {code})" if isinstance(code, int) else ""
        text = f"{string(error.get('Op')) or 'read'} failed{number}"
    return text if path in text else f"{path}: {text}"
