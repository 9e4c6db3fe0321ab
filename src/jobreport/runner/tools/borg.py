"""Reads the result of borg from its JSON or plain output and its exit code.

Create and import-tar are of type Backup; extract and mount Restore; export-tar Export; prune, delete and compact
Retention; init and key Initialize; commands that only read (check, list, info …) Report.

An exit code of 1 is a warning only if borg itself ended with it: `sudo`, `flock` and Python end with 1 as well.
"""

import re
from collections.abc import Sequence
from typing import Any, Final

from msgspec.structs import replace

from jobreport.model.brings import brings
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.runner.command_lines.command import Options, parse
from jobreport.runner.command_lines.options import BORG
from jobreport.runner.command_lines.wrappers import arguments
from jobreport.runner.text import child, json_object, names, plural, size_of, string, whole
from jobreport.runner.tools import made
from jobreport.runner.tools.base import Counts, Outcome, Stream, Subject
from jobreport.runner.tools.reading import LineReader, bounded, by_signal, partly, subject

_TYPES: Final = {
    **dict.fromkeys(("create", "import-tar", "transfer"), JobType.Backup),
    **dict.fromkeys(("extract", "mount"), JobType.Restore),
    "export-tar": JobType.Export,
    **dict.fromkeys(("prune", "delete", "compact", "undelete", "recreate", "break-lock"), JobType.Retention),
    **dict.fromkeys(("init", "rcreate", "repo-create", "key", "upgrade", "config"), JobType.Initialize),
    **dict.fromkeys(("check", "list", "info", "diff", "repo-list", "repo-info", "rlist", "rinfo"), JobType.Report),
}
FILES: Final = re.compile(r"Number of files: (\d+)")
SIZE: Final = re.compile(r"This archive:\s+([\d.]+ \w+)\s+[\d.]+ \w+\s+([\d.]+ \w+)")
_SIZE_2: Final = re.compile(r"(Original|Deduplicated) size: ([\d.]+ \w+)")  # of borg 2
_NAME: Final = re.compile(r"Archive name: (.+)")
_STATUS: Final = re.compile(r"([AMUCEdbchsfix?+-]) (.+)")
_PRUNED: Final = re.compile(
    r"(?:Would prune|Pruning archive|Deleting archive|Deleted archive)\b.*?(?:\((\d+)/(\d+)\))?:?\s"
)
NO_FILE: Final = re.compile(r"(.*?): (?:[\w ]+: )?\[Errno \d+\]")
_RC: Final = re.compile(r"terminating with \w+ status, rc (\d+)")
# How borg says in plain text that it ended with 2: behind a pipe that code does not come through.
_FATAL: Final = re.compile(
    r"Repository .+ (?:does not exist|already exists)|.+ is not a valid repository|Archive .+ (?:does not|already) "
    r"exist|Failed to create/acquire the lock|passphrase supplied in .+ is incorrect|Connection closed by remote host"
    r"|Data integrity error|Insufficient free space|Local Exception|Remote Exception|Traceback \(most recent call"
    r"|(?:Import|ModuleNotFound)Error:|Error: "
)
_ID: Final = re.compile(r"[0-9a-f]{64}")
_NO_NAME: Final = re.compile(r"[{}$`]")
"""What a shell or borg itself makes another name of."""
_MAX_DOCUMENT: Final = 4_000_000

_CAUSES: Final = {
    3: "cancelled",
    13: "missing",
    14: "no-space",
    20: "no-space",
    21: "access-denied",
    **dict.fromkeys((52, 53), "wrong-password"),
    **dict.fromkeys((70, 71, 72, 73), "locked"),
    **dict.fromkeys((80, 81), "unreachable"),
    90: "damaged",
    100: "changed",
    105: "access-denied",
    107: "missing",
}
"""What an exit code says, where borg is told to use its own for each error (`BORG_EXIT_CODES=modern`)."""


class Borg:
    """borg 1.1 and later, with any or none of `--json`, `--log-json`, `--list`, `--stats`."""

    name = "borg"
    brings = brings(*((ServiceType.FileShare, kind) for kind in (JobType.Backup, *_TYPES.values())))

    def subject(self, argv: Sequence[str]) -> Subject:
        """Returns a job of a file share: what is backed up or restored, and the archive."""
        given = _options(argv)
        action, *words = given.words or [""]
        repository = given.first("-r", "--repo")
        archive, *paths = words or [""]
        archive = "::".join(filter(None, (repository, archive)))
        what = names(paths)
        if action == "create":
            about, resource = f"borg backup of {what or 'standard input'} to {archive}", what
        elif action == "extract":
            about, resource = f"borg restore of {what + ' from ' if what else ''}{archive}", archive
        else:
            about, resource = f"borg {action} {archive} {what}".strip(), archive
        if given.has("--dry-run"):
            about += " (dry run)"
        kind = _TYPES.get(action, JobType.Backup)
        return subject(Subject(service=ServiceType.FileShare, type=kind, description=about, resource=resource))

    def reader(self, argv: Sequence[str]) -> "BorgReader":
        """Returns a fresh reader for one run of the command."""
        return BorgReader(argv, next(iter(_options(argv).words), ""))


def _options(argv: Sequence[str]) -> Options:
    return parse(arguments(argv, "borg"), BORG)


def _literal(argv: Sequence[str]) -> str:
    """Returns the name of the archive that is to be made; empty if only borg knows it."""
    given = _options(argv)
    name = given.words[1].rpartition("::")[2] if len(given.words) > 1 and not given.has("--dry-run", "-n") else ""
    return "" if _NO_NAME.search(name) else name


class BorgReader(LineReader):
    """Reads JSON messages on stderr, the formatted JSON result on stdout, or the same figures as plain text."""

    def __init__(self, argv: Sequence[str], action: str) -> None:
        super().__init__(argv)
        self._action = action
        self._document: list[str] | None = None
        self._length = 0
        self._counted = self._ended = self._interrupted = False
        self._told_code = 0
        self._failed = self._done = self._total = self._size = 0
        self._last_listed = self._last_failed = ""
        self._said: list[str] = []
        self._archive = _literal(argv) if action == "create" else ""
        self._reference = ""

    def counts(self) -> Counts:
        """Returns the files so far; for prune, the archives."""
        return bounded(failed=self._failed, successful=self._done, total=self._total, size=self._size)

    def read(self, stream: Stream, text: str) -> None:
        """Takes one line that is not blank."""
        if self._document is not None and stream == "stdout":
            self._collect(text)
        elif stream == "stdout" and text.rstrip() == "{":
            self._document, self._length = [text], 0
        elif (message := json_object(text)) is not None:
            self._result(message) if "archive" in message else self._message(message)
        else:
            self._plain(text)

    def outcome(self, exit_code: int) -> Outcome:
        """Exit code 0 is Successful; 1 and 100 to 127 Exception; from 128 on a signal; 2 after Ctrl-C Stopped; any
        other Failed.
        """
        counts = self.counts() if self._counted or self._failed else None
        warned = exit_code == 1 or 100 <= exit_code < 128
        exit_code = exit_code or self._told_code
        if exit_code == 0:
            state = JobState.Successful
        elif warned and (self.gave_up or self.is_a_wrappers(exit_code)):
            state = JobState.Failed
        elif exit_code == 1 or 100 <= exit_code < 128:
            state = partly(counts if self._ended else None)
        elif exit_code >= 128:
            state = by_signal(exit_code)
        elif exit_code == 2 and self._interrupted:
            state = JobState.Stopped
        else:
            state = JobState.Failed
        cause = "cancelled" if state is JobState.Stopped else _CAUSES.get(exit_code, "")
        outcome = self.conclude(exit_code, state, counts, ", ".join(self._said), cause=cause)
        if state not in {JobState.Successful, JobState.Exception}:
            return outcome
        return replace(outcome, made=made.borg(self._archive) if self._archive else "", reference=self._reference)

    def _collect(self, text: str) -> None:
        """Adds a line of the formatted JSON document. A brace at the beginning of a line ends the document."""
        assert self._document is not None
        self._length += len(text)
        if self._length > _MAX_DOCUMENT:  # some list, whose content says nothing about the run
            self._document = None
            return
        self._document.append(text)
        if text.rstrip() == "}":
            document = json_object("\n".join(self._document))
            self._document = None
            if document is not None:
                self._result(document)

    def _result(self, document: dict[str, Any]) -> None:
        archive = child(document, "archive")
        if self._action == "create":
            self._archive = string(archive.get("name")) or self._archive
            ids = (string(child(document, "repository").get("id")), string(archive.get("id")))
            self._reference = ":".join(("borg", *ids)) if all(map(_ID.fullmatch, ids)) else ""
        if stats := child(archive, "stats"):
            self._counted = self._ended = True
            self._done, self._size = whole(stats.get("nfiles")), whole(stats.get("original_size"))
            self._total = 0
            added = whole(stats.get("deduplicated_size"))
            self._said = [f"archive {string(archive.get('name'))}", f"{added:,} bytes added"]

    def _message(self, message: dict[str, Any]) -> None:
        kind, text = message.get("type"), string(message.get("message"))
        if kind == "archive_progress" and "nfiles" in message:
            self._counted = True
            self._done = max(self._done, whole(message["nfiles"]))
            self._size = max(self._size, whole(message.get("original_size")))
        elif kind == "file_status":
            self._status(string(message.get("status")), string(message.get("path")))
        elif kind == "progress_percent" and message.get("msgid") == "extract":
            self._size = max(self._size, whole(message.get("current")))
        elif kind == "log_message":
            level = string(message.get("levelname"))
            self.gave_up |= level in {"ERROR", "CRITICAL"} and _FATAL.match(text) is not None
            self._ending(text)
            if message.get("name") == "borg.output.list":
                self._listed(text)
            elif level in {"WARNING", "ERROR", "CRITICAL"} and message.get("name") != "borg.output.show-rc":
                self._error(text)
            elif message.get("name") == "borg.output.stats":
                self._plain(text)

    def _plain(self, text: str) -> None:
        if match := FILES.match(text):
            self._counted = self._ended = True
            self._done = whole(match[1])
        elif match := SIZE.match(text):
            self._size = size_of(match[1], decimal=True)
            self._said.append(f"{match[2]} added")
        elif match := _NAME.match(text):
            self._said = [f"archive {match[1]}"]
            self._archive = match[1] if self._action == "create" else ""
        elif match := _SIZE_2.match(text):
            if match[1] == "Original":
                self._size = size_of(match[2], decimal=True)
            else:
                self._said.append(f"{match[2]} added")
        elif _FATAL.match(text):
            self.gave_up = True
            self.errors.add(text)
        elif self._ending(text):
            return
        elif NO_FILE.match(text) or "Got Ctrl-C" in text or "Include pattern" in text:
            self._error(text)
        elif self._action == "create" and (match := _STATUS.match(text)):
            self._status(match[1], match[2])
        elif self._action != "create":
            self._listed(text)

    def _ending(self, text: str) -> bool:
        """Returns whether this line of `--show-rc` says with which code borg ended."""
        if match := _RC.match(text):
            self._told_code = whole(match[1])
        return match is not None

    def _status(self, status: str, path: str) -> None:
        """Counts a file that was added, modified, changed during reading or left unchanged, or that failed."""
        if self._ended:
            return
        if status == "E":
            self._done -= path == self._last_listed and self._done > 0  # first it was told as added
            self._failure(path)
        elif status in {"A", "M", "C", "U"} and self._action == "create":
            self._counted = True
            self._done += 1
            self._last_listed = path

    def _listed(self, text: str) -> None:
        """Reads a line of `--list`: an item that was extracted, or an archive that was kept or pruned."""
        if self._action == "extract":
            # A folder is told before what it holds, and is no object.
            self._done += not (self._last_listed and text.startswith(self._last_listed + "/"))
            self._last_listed = text
            self._counted = True
            self._said = [f"{plural(self._done, 'file')} restored"]
        elif match := _PRUNED.match(text):
            self._counted = True
            self._done += 1
            self._total = max(self._total, whole(match[2]))
            self._said = [f"{plural(self._done, 'archive')} removed"]

    def _error(self, text: str) -> None:
        self._interrupted |= "Got Ctrl-C" in text
        self.errors.add(text)
        if match := NO_FILE.match(text):
            self._failure(match[1])
        elif "never matched" in text:
            self._failed += 1

    def _failure(self, path: str) -> None:
        """Counts a path once, even if both a warning and its status mention it."""
        self._failed += path != self._last_failed or not path
        self._last_failed = path
