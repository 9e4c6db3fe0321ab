"""Reads the result of borgmatic. One run backs up to several repositories with borg, whose figures it passes on.

It ends with 0 even if borg warned, and with 1 if any repository failed, though the others may be complete. Without
`--stats`, `--json` or `-v 1` it prints nothing about successes.
"""

import re
from collections.abc import Sequence
from typing import Final

from jobreport.model.brings import brings
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.runner.command_lines.command import Options, parse
from jobreport.runner.command_lines.options import BORGMATIC
from jobreport.runner.command_lines.wrappers import arguments
from jobreport.runner.text import child, json_value, names, plural, size_of, whole
from jobreport.runner.tools.base import Counts, Outcome, Stream, Subject
from jobreport.runner.tools.borg import FILES, NO_FILE, SIZE
from jobreport.runner.tools.reading import LineReader, bounded, subject

_TYPES: Final = {
    **dict.fromkeys(("extract", "restore", "mount", "umount"), JobType.Restore),
    "export-tar": JobType.Export,
    **dict.fromkeys(("prune", "compact", "delete", "repo-delete", "break-lock", "recreate"), JobType.Retention),
    **dict.fromkeys(("init", "rcreate", "repo-create", "config", "key"), JobType.Initialize),
    **dict.fromkeys(("check", "list", "repo-list", "rlist", "info", "repo-info", "rinfo", "borg"), JobType.Report),
}
_BEGUN: Final = re.compile(r"(.+?): (?:Creating|Pruning|Compacting|Running|Extracting|Restoring|Listing|Checking) ")
_BROKEN: Final = re.compile(r"(.+?): Error running actions for repository")
_WARNED: Final = re.compile(r"Treating exit code \d+ as a warning")
_ERRORS: Final = re.compile(r".*: (?:Error|Command '|An error occurred)")
_MOST: Final = 10_000


class Borgmatic:
    """borgmatic 1.5 and later."""

    name = "borgmatic"
    brings = brings(*((ServiceType.FileShare, kind) for kind in (JobType.Backup, *_TYPES.values())))

    def subject(self, argv: Sequence[str]) -> Subject:
        """Returns a job of a file share: its actions, and the configuration file."""
        given = _options(argv)
        actions, configuration = given.words, given.first("-c", "--config")
        about = f"borgmatic {names(actions)}" if actions else "borgmatic"
        if configuration:
            about += f" by {configuration}"
        if given.has("--dry-run", "-n"):
            about += " (dry run)"
        # Without an action it backs up, prunes and checks.
        kind = _TYPES.get(actions[0], JobType.Backup) if actions else JobType.Backup
        return subject(Subject(service=ServiceType.FileShare, type=kind, description=about, resource=configuration))

    def reader(self, argv: Sequence[str]) -> "BorgmaticReader":
        """Returns a fresh reader for one run of the command."""
        return BorgmaticReader(argv)


def _options(argv: Sequence[str]) -> Options:
    return parse(arguments(argv, "borgmatic"), BORGMATIC)


class BorgmaticReader(LineReader):
    """Adds up borg's figures of all archives, and notes the repositories that borgmatic names."""

    def __init__(self, argv: Sequence[str]) -> None:
        super().__init__(argv)
        self._archives = self._files = self._size = self._unread = 0
        self._begun: set[str] = set()
        self._broken: set[str] = set()
        self._warned = False

    def counts(self) -> Counts:
        """Returns the files of all archives; if borg's figures are not printed, the repositories."""
        whole_ones = len(self._begun - self._broken)
        return bounded(failed=self._unread + len(self._broken), successful=self._files or whole_ones, size=self._size)

    def read(self, stream: Stream, text: str) -> None:
        """Takes one line that is not blank."""
        if stream == "stdout" and text.startswith("[{"):
            self._results(json_value(text))
        elif match := FILES.match(text):
            self._archives += 1
            self._files += whole(match[1])
        elif match := SIZE.match(text):
            self._size += size_of(match[1], decimal=True)
        elif match := _BROKEN.match(text):
            if len(self._broken) < _MOST:
                self._broken.add(match[1])
            self.errors.add(text)
        elif match := _BEGUN.match(text):
            if len(self._begun) < _MOST:
                self._begun.add(match[1])
        elif NO_FILE.match(text):
            self._unread += 1
            self.errors.add(text)
        elif _WARNED.match(text):
            self._warned = True
        elif _ERRORS.match(text):
            self.gave_up = True
            self.errors.add(text)

    def outcome(self, exit_code: int) -> Outcome:
        """Exit code 0 is Successful, or Exception if borg warned. Any other is Failed, or Exception if one repository
        is complete.
        """
        found = self.counts()
        if exit_code and not self._broken:
            found = bounded(failed=found.failed + 1, successful=found.successful, size=found.size)
        counts = found if found.successful or found.failed else None
        if exit_code == 0:
            state = JobState.Exception if self._warned else JobState.Successful
        else:
            state = JobState.Exception if found.successful else JobState.Failed
        summary = f"{plural(self._archives, 'archive')}, {plural(self._files, 'file')}" if self._archives else ""
        return self.conclude(exit_code, state, counts, summary)

    def _results(self, results: object) -> None:
        """Reads the output of `create --json`: borg's own result for each repository."""
        for result in results if isinstance(results, list) else []:
            if isinstance(result, dict) and (stats := child(child(result, "archive"), "stats")):
                self._archives += 1
                self._files += whole(stats.get("nfiles"))
                self._size += whole(stats.get("original_size"))
