"""AzCopy: its JSON or plain output in; counts, state and comments out. It exits only 0 and 1: its job status counts."""

import re
from collections.abc import Sequence
from typing import Any, Final

from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.runner.tools.base import Counts, Outcome, Stream, Subject
from jobreport.runner.tools.command import Options, parse, unwrap
from jobreport.runner.tools.options import AZCOPY
from jobreport.runner.tools.reading import LineReader, bounded, subject
from jobreport.runner.tools.text import json_object, names, plural, string, whole

_DELETES: Final = frozenset({"remove", "rm"})
_PLAIN: Final = re.compile(
    r"\s*(Final Job Status|Total Number of Transfers|TotalBytesTransferred|Total Number of Bytes Transferred"
    r"|(?:Number of (?:File |Folder |Folder Property )?Transfers (?:Completed|Failed|Skipped))): ?(\S+)",
    re.IGNORECASE,
)
_PROGRESS: Final = re.compile(r"(?<!\d)(\d{1,19}) Done, (\d+) Failed, \d+ Pending, (\d+) Skipped, (\d+) Total")
_TROUBLES: Final = ("failed to", "error", "cannot")


class Azcopy:
    """AzCopy 10, with `--output-type json` or without."""

    name = "azcopy"

    def subject(self, argv: Sequence[str]) -> Subject:
        """Blob storage's job: a backup, or a restore where it copies to this machine. No SAS is repeated."""
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
        """A fresh reader for one run of the command."""
        return AzcopyReader()


def _options(argv: Sequence[str]) -> Options:
    return parse(unwrap(argv)[1:], AZCOPY)


class AzcopyReader(LineReader):
    """The newest progress, and the end of the job."""

    def __init__(self) -> None:
        super().__init__()
        self._counted = self._error = False
        self._status = ""
        self._failed = self._done = self._skipped = self._total = self._size = 0

    def counts(self) -> Counts:
        """Transfers so far."""
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
        """By the job's status where one was told; an error without it is Failed; then by the exit code."""
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
        """Numbers come as texts here."""
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
            self._done, self._failed, self._skipped, self._total = (whole(number) for number in match.groups())
        elif match := _PLAIN.match(text):
            name, value = match[1].casefold(), match[2]
            if name == "final job status":
                self._status = value
                return
            self._counted = True
            if "bytes" in name:
                self._size = whole(value)
            elif name.startswith("total"):
                self._total = whole(value)
                self._done = self._failed = self._skipped = 0  # those of files and of folders follow, and add up
            elif name.endswith("completed"):
                self._done += whole(value)
            elif name.endswith("failed"):
                self._failed += whole(value)
            else:
                self._skipped += whole(value)
        elif text.lstrip().casefold().startswith(_TROUBLES):
            self.errors.add(text)
