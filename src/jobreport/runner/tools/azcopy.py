"""Reads the result of AzCopy from its JSON or plain output. Its only exit codes are 0 and 1, so its job status decides.

In plain text, `copy` and `sync` name their figures differently.
"""

import re
from collections.abc import Sequence
from typing import Any, Final

from jobreport.model.brings import brings
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.runner.command_lines.command import Options, parse
from jobreport.runner.command_lines.options import AZCOPY
from jobreport.runner.command_lines.wrappers import arguments
from jobreport.runner.text import json_object, names, plural, string, whole
from jobreport.runner.tools.base import Counts, Outcome, Stream, Subject
from jobreport.runner.tools.reading import LineReader, bounded, subject

_DELETES: Final = frozenset({"remove", "rm"})
_STATUS: Final = re.compile(r"\s*Final Job Status: ?(\S+)", re.IGNORECASE)
_SIZE: Final = re.compile(r"\s*(?:TotalBytesTransferred|Total Number of Bytes Transferred): ?(\d+)", re.IGNORECASE)
_TOTAL: Final = re.compile(r"\s*Total Number of (?:\w+ )?Transfers: ?(\d+)", re.IGNORECASE)
_TRANSFERS: Final = re.compile(
    r"\s*Number of (?:[A-Z]\w* ){0,3}Transfers (Completed|Failed|Skipped): ?(\d+)", re.IGNORECASE
)
_PROGRESS: Final = re.compile(
    r"(?<!\d)(\d{1,19}) Done, (\d{1,19}) Failed, \d{1,19} Pending, (?:(\d{1,19}) Skipped, )?(\d{1,19}) Total"
)
_TROUBLES: Final = ("failed to", "error", "cannot")


class Azcopy:
    """AzCopy 10, with or without `--output-type json`."""

    name = "azcopy"
    brings = brings(
        *(
            (ServiceType.BlobStorage, kind)
            for kind in (JobType.FileBackup, JobType.FileRestore, JobType.Retention, JobType.Report)
        )
    )

    def subject(self, argv: Sequence[str]) -> Subject:
        """Returns a job of Blob storage: a restore if it copies to this machine, otherwise a backup. It repeats no SAS
        token.
        """
        given = _options(argv)
        action, *words = given.words or [""]
        kind = JobType.FileBackup
        if action in _DELETES:
            kind = JobType.Retention
        elif action in {"list", "jobs", "env"}:
            kind = JobType.Report
        elif len(words) > 1 and "://" in words[0] and "://" not in words[1]:
            kind = JobType.FileRestore
        if len(words) > 1:
            about = f"azcopy {action} of {words[0]} to {names(words[1:])}"
        else:
            about = f"azcopy {action} {names(words)}".strip()
        if given.has("--dry-run"):
            about += " (dry run)"
        resource = words[0] if words else ""
        return subject(Subject(service=ServiceType.BlobStorage, type=kind, description=about, resource=resource))

    def reader(self, argv: Sequence[str]) -> "AzcopyReader":
        """Returns a fresh reader for one run of the command."""
        return AzcopyReader(argv)


def _options(argv: Sequence[str]) -> Options:
    return parse(arguments(argv, "azcopy"), AZCOPY)


class AzcopyReader(LineReader):
    """Reads the newest progress, and the message at the end of the job."""

    def __init__(self, argv: Sequence[str]) -> None:
        super().__init__(argv)
        self._counted = self._error = False
        self._status = ""
        self._failed = self._done = self._skipped = self._total = self._size = 0

    def counts(self) -> Counts:
        """Returns the transfers so far."""
        return bounded(
            failed=self._failed, successful=self._done, skipped=self._skipped, total=self._total, size=self._size
        )

    def read(self, stream: Stream, text: str) -> None:
        """Takes one line that is not blank."""
        if (record := json_object(text)) is None:
            self._plain(text)
            return
        kind, content = string(record.get("MessageType")), string(record.get("MessageContent"))
        job = json_object(content)
        if kind in {"Progress", "EndOfJob"} and job is not None:
            self._progress(job, ended=kind == "EndOfJob")
        elif kind == "Error":
            self._error = True
            self.errors.add(content)

    def outcome(self, exit_code: int) -> Outcome:
        """The job status decides, if one was printed. Without it, an error means Failed; otherwise the exit code
        decides.
        """
        counts = self.counts() if self._counted else None
        status, anything = self._status.casefold(), self._done > 0
        if status == "completed":
            state = JobState.Successful
        elif status == "completedwithskipped":
            state = JobState.Successful if anything else JobState.Skipped
        elif status.startswith("completedwitherrors"):
            state = JobState.Exception if anything else JobState.Failed
        elif status in {"cancelled", "canceled"}:
            state = JobState.Stopped
        elif status:
            state = JobState.Failed
        else:
            state = JobState.Successful if exit_code == 0 and not self._error else JobState.Failed
        if state is JobState.Successful and exit_code != 0:
            state = JobState.Exception  # the job ended well, the command did not
        if state in {JobState.Exception, JobState.Failed, JobState.Stopped} and counts:
            self.errors.add(
                f"{self._status or 'no status'}: {self._done:,} of {self._total:,} transferred, {self._failed:,} failed"
            )
        summary = f"{plural(self._done, 'object')} transferred, {self._size:,} bytes" if counts else ""
        if counts and self._skipped:
            summary += f", {self._skipped:,} skipped"
        return self.conclude(exit_code, state, counts, summary)

    def _progress(self, job: dict[str, Any], *, ended: bool) -> None:
        """Reads the progress, in which numbers are JSON strings."""
        self._counted = True
        self._done, self._failed = whole(job.get("TransfersCompleted")), whole(job.get("TransfersFailed"))
        self._skipped, self._total = whole(job.get("TransfersSkipped")), whole(job.get("TotalTransfers"))
        self._size = whole(job.get("TotalBytesTransferred"))
        if ended:
            self._status = string(job.get("JobStatus"))
        self.errors.add(string(job.get("ErrorMsg")))
        troubles = job.get("FailedTransfers")
        for trouble in troubles if ended and isinstance(troubles, list) else []:
            if isinstance(trouble, dict):
                self.errors.add(f"{string(trouble.get('Src'))}: {string(trouble.get('ErrorMsg')) or 'failed'}")

    def _plain(self, text: str) -> None:
        if match := _PROGRESS.search(text):
            self._counted = True
            self._done, self._failed, self._skipped, self._total = (whole(number or "0") for number in match.groups())
        elif match := _STATUS.match(text):
            self._status = match[1]
        elif match := _SIZE.match(text):
            self._size = whole(match[1])
        elif match := _TOTAL.match(text):
            self._counted, self._total = True, whole(match[1])
            self._done = self._failed = self._skipped = 0  # those of files and of folders follow, and add up
        elif match := _TRANSFERS.match(text):
            self._counted = True
            what, count = match[1].casefold(), whole(match[2])
            self._done += count if what == "completed" else 0
            self._failed += count if what == "failed" else 0
            self._skipped += count if what == "skipped" else 0
        elif text.lstrip().casefold().startswith(_TROUBLES):
            self.errors.add(text)
