"""Reads the result of kopia from its messages on standard error, or from the manifest of `--json`.

It ends with 1 if files could not be read, though the snapshot is there all the same; and with 0 if its policy has it
ignore such errors.
"""

import re
from collections.abc import Sequence
from typing import Any, Final

from msgspec.structs import replace

from jobreport.model.brings import brings
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.runner.command_lines.command import Options, parse
from jobreport.runner.command_lines.options import KOPIA
from jobreport.runner.command_lines.wrappers import arguments
from jobreport.runner.text import child, json_object, names, plural, size_of, string, whole
from jobreport.runner.tools import made
from jobreport.runner.tools.base import Counts, Outcome, Stream, Subject
from jobreport.runner.tools.reading import LineReader, bounded, partly, subject

_SNAPSHOT: Final = frozenset({"snapshot", "snap"})
_TYPES: Final = {
    "create": JobType.Backup,
    "restore": JobType.Restore,
    **dict.fromkeys(("expire", "delete", "maintenance"), JobType.Retention),
    "repository": JobType.Initialize,
    **dict.fromkeys(("verify", "list", "estimate", "fix", "pin", "migrate"), JobType.Report),
}
_BEGUN: Final = re.compile(r"Snapshotting [^\s@]+@(?:([^\s:]+):(.+) \.\.\.)?")
_CREATED: Final = re.compile(r"Created( partial)? snapshot with root \S+ and ID (\S+) in ")
_PROGRESS: Final = re.compile(r"\W*\d+ hashing, (\d+) hashed \(([^)]{1,30})\), (\d+) cached \(([^)]{1,30})\)")
_UNREAD: Final = re.compile(r"[ !]*(?:Ignored error|Error) when processing \"")
_FOUND: Final = re.compile(r".{0,40}?(?:Found|Ignored) (\d{1,12}) (?:fatal )?error\(s\) while snapshotting ")
_RESTORED: Final = re.compile(r"Restored (\d+) files, (\d+) directories")
_ERROR: Final = re.compile(r"(?:ERROR|error|FATAL)\b")
_MAX_DOCUMENT: Final = 1_000_000


class Kopia:
    """kopia 0.8 and later."""

    name = "kopia"
    brings = brings(*((ServiceType.FileShare, kind) for kind in _TYPES.values()))

    def subject(self, argv: Sequence[str]) -> Subject:
        """Returns a job of a file share: the command, and what is backed up or restored."""
        action, words = _action(_options(argv))
        what = names(words)
        about = f"kopia {'snapshot of' if action == 'create' else action} {what}".strip()
        kind = _TYPES.get(action, JobType.Backup)
        return subject(Subject(service=ServiceType.FileShare, type=kind, description=about, resource=what))

    def reader(self, argv: Sequence[str]) -> "KopiaReader":
        """Returns a fresh reader for one run of the command."""
        return KopiaReader(argv, _action(_options(argv))[0])


def _options(argv: Sequence[str]) -> Options:
    return parse(arguments(argv, "kopia"), KOPIA)


def _action(given: Options) -> tuple[str, list[str]]:
    first, *words = given.words or [""]
    if first in _SNAPSHOT and words:
        return words[0], words[1:]
    return first, words


def _bytes(text: str) -> int:
    return size_of(text, decimal=True)


class KopiaReader(LineReader):
    """Adds up the files of all snapshots that a run makes."""

    def __init__(self, argv: Sequence[str], action: str) -> None:
        super().__init__(argv)
        self._action = action
        self._document = ""
        self._before = Counts()  # of the snapshots that are made
        self._files = self._size = self._unread = self._told = 0
        self._made: list[str] = []
        self._source = ""  # of the last one, by its name
        self._sources = 0
        self._counted = self._partial = False

    def counts(self) -> Counts:
        """Returns the files so far."""
        done = self._before
        return bounded(
            failed=max(self._unread, self._told),
            successful=done.successful + self._files,
            size=done.size + self._size,
        )

    def read(self, stream: Stream, text: str) -> None:
        """Takes one line that is not blank."""
        if stream == "stdout" and self._in_document(text):
            return
        if match := _PROGRESS.match(text):
            self._counted = True
            self._files, self._size = whole(match[1]) + whole(match[3]), _bytes(match[2]) + _bytes(match[4])
        elif match := _BEGUN.match(text):
            self._settle()
            self._sources += 1
            self._source = made.kopia(match[2], match[1]) if match[2] else ""
        elif match := _CREATED.match(text):
            self._partial |= match[1] is not None
            self._made.append(match[2])
        elif match := _RESTORED.match(text):
            self._counted, self._files = True, whole(match[1])
        elif match := _FOUND.match(text):
            self._told += whole(match[1])
            self.errors.add(text)
        elif _UNREAD.match(text):
            self._unread += 1
            self.errors.add(text)
        elif _ERROR.match(text):
            self.errors.add(text)

    def outcome(self, exit_code: int) -> Outcome:
        """Exit code 0 is Successful, or Exception if errors were ignored or a snapshot is not whole. 1 is Exception if
        there is a snapshot all the same, or something was restored; any other Failed.
        """
        counts = self.counts() if self._counted or self._unread or self._told else None
        failed = counts is not None and counts.failed > 0
        there = bool(self._made) or (self._action == "restore" and self._counted)
        if exit_code == 0:
            state = partly(counts) if failed else JobState.Exception if self._partial else JobState.Successful
        elif there and (failed or self._partial):
            state = partly(counts)
        elif self._made:
            state = JobState.Exception  # of several sources, one failed
            counts = counts or bounded(failed=1, successful=len(self._made))
        else:
            state = JobState.Failed
        outcome = self.conclude(exit_code, state, counts, self._summary())
        if len(self._made) != 1 or self._sources > 1 or outcome.state not in {JobState.Successful, JobState.Exception}:
            return outcome
        return replace(outcome, made=self._source)

    def _summary(self) -> str:
        if not self._made:
            return self.last_line() if self._action != "create" else ""
        return f"snapshot {self._made[0]}" if len(self._made) == 1 else plural(len(self._made), "snapshot")

    def _settle(self) -> None:
        """Adds the source that came before to those that are done: the next one counts anew."""
        done = self._before
        self._before = bounded(successful=done.successful + self._files, size=done.size + self._size)
        self._files = self._size = 0

    def _in_document(self, text: str) -> bool:
        """Returns whether a line belongs to a manifest, whose last line is a brace at its beginning."""
        if not self._document and not text.startswith("{"):
            return False
        if len(self._document) < _MAX_DOCUMENT:
            self._document += text + "\n"
        if text.startswith("}") or (text.startswith("{") and text.rstrip().endswith("}")):
            document, self._document = json_object(self._document), ""
            if document is not None and "rootEntry" in document:
                self._manifest(document)
        return True

    def _manifest(self, manifest: dict[str, Any]) -> None:
        summary = child(child(manifest, "rootEntry"), "summ")
        self._counted = True
        self._files, self._size = whole(summary.get("files")), whole(summary.get("size"))
        self._unread += whole(summary.get("numFailed")) + whole(summary.get("numIgnoredErrors"))
        for one in summary.get("errors") or ():
            if isinstance(one, dict):
                self.errors.add(f"{string(one.get('path'))}: {string(one.get('error'))}")
        self._partial |= bool(string(manifest.get("incomplete")))
        if snapshot := string(manifest.get("id")):
            self._made.append(snapshot)
            source = child(manifest, "source")
            self._source = made.kopia(string(source.get("path")), string(source.get("host")))
        self._settle()
