"""Reads the result of git from its list of references and its exit code, in whatever language it prints.

If one remote fails, `fetch --all` and `remote update` go on: the references from the other remotes are stored all the
same.
"""

import re
from collections.abc import Sequence
from typing import Final

from jobreport.model.brings import brings
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.runner.command_lines.command import parse
from jobreport.runner.command_lines.options import GIT
from jobreport.runner.command_lines.wrappers import arguments
from jobreport.runner.text import names, plural, size_of
from jobreport.runner.tools.base import Counts, Outcome, Stream, Subject
from jobreport.runner.tools.levels import ERROR
from jobreport.runner.tools.reading import LineReader, bounded, partly, subject

_DEVOPS: Final = re.compile(r"[/@.](?:dev\.azure\.com|visualstudio\.com)[/:]", re.IGNORECASE)
_REFERENCE: Final = re.compile(r" ([ +*t=!-]) (?:\[[^\]]+\]|\S+\.\.\.?\S+)\s+\S+\s+-> \S+")
_RECEIVED: Final = re.compile(r"[^:(]{3,40}: .*\(\d+/\d+\), ([\d.]+ \w+)")
_TROUBLE: Final = re.compile(rf"(?:remote: )?{ERROR}", re.IGNORECASE)
_EXIT_CODE: Final = re.compile(r"\([^()]+: \d+\)$")  # `could not fetch 'x' (exit code: 128)`, of several at a time
_MOST_REMOTES: Final = 10_000


class Git:
    """git clone, fetch, remote update and the like. The objects of the job are references."""

    name = "git"
    brings = brings((ServiceType.Common, JobType.Backup), (ServiceType.AzureDevOps, JobType.DevOpsBackup))

    def subject(self, argv: Sequence[str]) -> Subject:
        """Returns a job that backs up a repository; its service is Azure DevOps if the command names a remote there."""
        given = parse(arguments(argv, "git"), GIT)
        action, *words = given.words or [""]
        devops = any(_DEVOPS.search(word) for word in words)
        about = f"git {action} {names(words)}".strip()
        if action == "clone" and words:
            about = f"git {'mirror' if given.has('--mirror') else 'clone'} of {words[0]}"
            about += f" to {names(words[1:])}" if words[1:] else ""
        folder = given.first("-C", "--git-dir")
        if folder:
            about += f" in {folder}"
        remote = next((word for word in words if "://" in word or "@" in word), "")
        return subject(
            Subject(
                service=ServiceType.AzureDevOps if devops else ServiceType.Common,
                type=JobType.DevOpsBackup if devops else JobType.Backup,
                description=about,
                resource=remote or (words[0] if action == "clone" and words else folder),
            )
        )

    def reader(self, argv: Sequence[str]) -> "GitReader":
        """Returns a fresh reader for one run of the command."""
        return GitReader(argv)


class GitReader(LineReader):
    """Reads one line for each reference. If no reference was updated, it counts one object for each remote; if none of
    them is named either, the command is the one object.
    """

    def __init__(self, argv: Sequence[str]) -> None:
        super().__init__(argv)
        self._updated = self._rejected = self._size = 0
        self._fetched: list[frozenset[str]] = []
        self._troubles: list[frozenset[str]] = []

    def counts(self) -> Counts:
        """Returns the references so far, and the bytes received if progress is shown."""
        return bounded(failed=self._rejected, successful=self._updated, size=self._size)

    def read(self, stream: Stream, text: str) -> None:
        """Takes one line that is not blank."""
        if match := _REFERENCE.match(text):
            self._rejected += match[1] == "!"
            self._updated += match[1] != "!"
            if match[1] == "!":
                self.errors.add(text)
        elif match := _RECEIVED.match(text):
            self._size = max(self._size, size_of(match[1]))
        elif stream == "stdout":
            # `Fetching origin` is all that a fetch says there, and only where it fetches from several remotes.
            if len(self._fetched) < _MOST_REMOTES:
                self._fetched.append(_words(text))
        elif (match := _TROUBLE.match(text)) or _EXIT_CODE.search(text):
            self.errors.add(text)
            self.gave_up |= match is not None and not text.startswith("remote: ")
            if len(self._troubles) < _MOST_REMOTES:
                self._troubles.append(_words(text))

    def outcome(self, exit_code: int) -> Outcome:
        """Exit code 0 is Successful. Any other is Failed, or Exception if some references were updated or some of the
        remotes are complete.
        """
        whole, broken = self._remotes()
        failed = self._rejected + broken
        if exit_code and self._updated:
            failed = max(1, failed)
        done = self._updated or (whole if broken else 0)
        numbers = bounded(failed=failed, successful=done, size=self._size)
        counts = numbers if done or failed else None
        failed_state = partly(counts) if done or self._rejected else JobState.Failed
        state = JobState.Successful if exit_code == 0 else failed_state
        if counts is None and state is JobState.Successful and not self.gave_up:
            counts = bounded(successful=1, size=self._size)
        summary = f"{plural(self._updated, 'reference')} updated" if self._updated else ""
        return self.conclude(exit_code, state, counts, summary)

    def _remotes(self) -> tuple[int, int]:
        """Returns how many of several remotes are complete, and how many an error names."""
        if len(self._fetched) < 2:
            return 0, 0
        everywhere = frozenset.intersection(*self._fetched)  # the words of the sentence around the names
        broken = sum(any(remote - everywhere <= trouble for trouble in self._troubles) for remote in self._fetched)
        return len(self._fetched) - broken, broken


def _words(text: str) -> frozenset[str]:
    return frozenset(word for word in re.split(r"[\s'\"“”„«»:]+", text) if word)
