"""git: its list of references and exit code in; references updated and rejected, state and comments out."""

import re
from collections.abc import Sequence
from typing import Final

from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.runner.tools.base import Counts, Outcome, Stream, Subject
from jobreport.runner.tools.command import parse, unwrap
from jobreport.runner.tools.options import GIT
from jobreport.runner.tools.reading import LineReader, bounded, partly, subject
from jobreport.runner.tools.text import names, plural, size_of

_DEVOPS: Final = re.compile(r"[/@.](?:dev\.azure\.com|visualstudio\.com)[/:]", re.IGNORECASE)
_REFERENCE: Final = re.compile(r" ([ +*t=!-]) (?:\[[^\]]+\]|\S+\.\.\.?\S+)\s+\S+\s+-> \S+")
_RECEIVED: Final = re.compile(r"Receiving objects: .*?\), ([\d.]+ \w+)")
_TROUBLES: Final = ("fatal:", "error:", "remote: error", "remote: fatal", "ERROR:")


class Git:
    """git clone, fetch, remote update and the like. What was fetched is told as references."""

    name = "git"

    def subject(self, argv: Sequence[str]) -> Subject:
        """A backup of a repository; of Azure DevOps where the command names a remote that lies there."""
        given = parse(unwrap(argv)[1:], GIT)
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
        """A fresh reader for one run of the command."""
        return GitReader()


class GitReader(LineReader):
    """The lines that tell of a reference each; without any, the command is the one object."""

    def __init__(self) -> None:
        super().__init__()
        self._updated = self._rejected = self._size = 0

    def counts(self) -> Counts:
        """References so far, and the bytes received where progress is shown."""
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
        elif text.startswith(_TROUBLES):
            self.errors.add(text)

    def outcome(self, exit_code: int) -> Outcome:
        """0 Successful; else Failed, but Exception where some references were updated and others rejected."""
        found = self.counts()
        counts = found if self._updated or self._rejected else None
        if exit_code == 0:
            state = JobState.Successful
        elif self._rejected:
            state = partly(found)
        else:
            state = JobState.Failed
        if counts is None and state is JobState.Successful:
            counts = bounded(successful=1, size=self._size)
        summary = f"{plural(self._updated, 'reference')} updated" if self._updated else ""
        return self.conclude(exit_code, state, counts, summary)
