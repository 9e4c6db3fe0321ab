"""Reads the result of `aws s3` from its exit code and its lines, one for each object that it copied or failed to copy.

It does not mention unchanged objects, so they are in no count.
"""

import re
from collections.abc import Sequence
from typing import Final

from jobreport.model.brings import brings
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.runner.command_lines.command import Options, parse
from jobreport.runner.command_lines.options import AWS_S3
from jobreport.runner.command_lines.wrappers import arguments
from jobreport.runner.text import names, plural, size_of
from jobreport.runner.tools.base import Counts, Outcome, Stream, Subject
from jobreport.runner.tools.reading import LineReader, bounded, subject

_DONE: Final = re.compile(r"(?:\(dryrun\) )?(upload|download|copy|move): ")
_FAILED: Final = re.compile(r"(upload|download|copy|move|delete|remove_bucket) failed: ")
_SKIPPED: Final = re.compile(r"warning: Skipping file ")
_FATAL: Final = (
    *(
        "fatal error:",
        "The user-provided path",
        "Unable to locate credentials",
        "An error occurred",
        "Could not connect",
    ),
)
_NO_DATA: Final = "character special device"  # devices, pipes and sockets hold nothing that a backup could miss
_COMPLETED: Final = re.compile(r"Completed ([\d.]+ \w+)/~?[\d.]+ \w+")


class AwsS3:
    """The AWS command line's `s3`, versions 1 and 2. It does not mention unchanged objects."""

    name = "aws s3"
    brings = brings(
        *(
            (ServiceType.AmazonS3, kind)
            for kind in (JobType.AmazonS3Backup, JobType.AmazonS3Restore, JobType.Retention, JobType.Report)
        )
    )

    def subject(self, argv: Sequence[str]) -> Subject:
        """Returns a job of Amazon S3: a restore if it copies from a bucket to this machine, otherwise a backup."""
        given = _options(argv)
        _, action, *words = [*given.words, "", ""]
        words = [word for word in words if word]
        kind = JobType.AmazonS3Backup
        if len(words) > 1 and words[0].startswith("s3://") and not words[1].startswith("s3://"):
            kind = JobType.AmazonS3Restore
        elif action in {"rm", "rb"}:
            kind = JobType.Retention
        elif action in {"ls", "presign"}:
            kind = JobType.Report
        about = f"aws s3 {action} {names(words)}"
        if len(words) > 1:
            about = f"aws s3 {action} of {words[0]} to {names(words[1:])}"
        if given.has("--dryrun"):
            about += " (dry run)"
        resource = words[0] if words else ""
        return subject(Subject(service=ServiceType.AmazonS3, type=kind, description=about.strip(), resource=resource))

    def reader(self, argv: Sequence[str]) -> "AwsS3Reader":
        """Returns a fresh reader for one run of the command."""
        return AwsS3Reader(argv)


def is_s3(argv: Sequence[str]) -> bool:
    """Returns whether an `aws` command is one of its `s3` commands; the other AWS services copy nothing."""
    return _options(argv).words[:1] == ["s3"]


def _options(argv: Sequence[str]) -> Options:
    return parse(arguments(argv, "aws"), AWS_S3)


class AwsS3Reader(LineReader):
    """Reads one line for each object that was copied or failed."""

    def __init__(self, argv: Sequence[str]) -> None:
        super().__init__(argv)
        self._failed = self._done = self._skipped = self._size = 0
        self._usage = False

    def counts(self) -> Counts:
        """Returns the objects so far."""
        return bounded(failed=self._failed, successful=self._done, skipped=self._skipped, size=self._size)

    def read(self, stream: Stream, text: str) -> None:
        """Takes one line that is not blank."""
        if _DONE.match(text):
            self._done += 1
        elif _FAILED.match(text):
            self._failed += 1
            self.errors.add(text)
        elif _SKIPPED.match(text):
            self._skipped += _NO_DATA in text
            self._failed += _NO_DATA not in text
            self.errors.add(text)
        elif match := _COMPLETED.match(text):
            self._size = max(self._size, size_of(match[1]))
        elif stream == "stderr":
            self._usage |= text.startswith("usage:") or "aws: error:" in text
            self.gave_up |= self._usage or text.lstrip().startswith(_FATAL)
            self.errors.add(text)

    def outcome(self, exit_code: int) -> Outcome:
        """Exit code 0 is Successful, 130 Stopped. Any other is Exception if anything was copied, or skipped with a
        warning (2); else Failed.
        """
        counted = self._done or self._failed or self._skipped
        counts = self.counts() if counted else None
        warned = exit_code == 2 and bool(counted) and not self._usage
        if exit_code == 0:
            state = JobState.Successful
        elif exit_code == 130:
            state = JobState.Stopped
        else:
            state = JobState.Exception if self._done or warned else JobState.Failed
        summary = f"{plural(self._done, 'object')} copied" if counts else "nothing to copy"
        return self.conclude(exit_code, state, counts, summary)
