"""rsync: its text and exit code in; counts, state and comments out. Objects are files and links, not folders."""

import re
from collections.abc import Sequence
from typing import Final

from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.runner.tools.base import Counts, Outcome, Stream, Subject
from jobreport.runner.tools.command import Options, parse, unwrap
from jobreport.runner.tools.options import RSYNC
from jobreport.runner.tools.reading import LineReader, bounded, partly, subject
from jobreport.runner.tools.text import names, plural, size_of, whole

_ENTRIES: Final = re.compile(r"Number of files: ([\d,.]+)(?: \((.*)\))?")
_FOLDERS: Final = re.compile(r"\bdir: ([\d,.]+)")
_SENT: Final = re.compile(r"Number of (?:regular )?files transferred: ([\d,.]+)")
_DATA: Final = re.compile(r"(Literal|Matched) data: ([\d.,]+\w?)")
_PROGRESS: Final = re.compile(r"\s*([\d.,]+\w?)\s+\d+%.*?(?:\(xfr#(\d+), (?:to|ir)-chk=(\d+)/(\d+)\))?\s*$")
_ITEM: Final = re.compile(r"(?:.*\s)?[<>c]([fLDS])[+.?a-zA-Z]{9}\s")
_LOST: Final = re.compile(
    r"rsync: .*\b(failed|error|errors|denied)\b|file has vanished: |symlink has no referent: |rsync: \[\w+\] .*failed"
)
_NEVER_LISTED: Final = re.compile(
    r"symlink has no referent: |rsync: .*\b(link_stat|change_dir|opendir|readlink_stat|readlink|stat)\b.* failed"
)
_NO_SOURCE: Final = re.compile(r"rsync: .*\b(link_stat|change_dir|change_dir#\d+)\b.* failed")
_UNVERIFIED: Final = re.compile(r"ERROR: .* failed verification")


class Rsync:
    """rsync 3.0 and later; exact counts with `--stats`, growing ones with `--info=progress2`, `-v` or `-i`."""

    name = "rsync"

    def subject(self, argv: Sequence[str]) -> Subject:
        """A file share's backup: what is copied, and where to."""
        given = _options(argv)
        *sources, target = given.words or [""]
        about = f"rsync of {names(sources)} to {target}" if sources else f"rsync {target}".strip()
        if given.has("--dry-run", "-n"):
            about += " (dry run)"
        resource = names(sources) or target
        return subject(
            Subject(service=ServiceType.FileShare, type=JobType.Backup, description=about, resource=resource)
        )

    def reader(self, argv: Sequence[str]) -> "RsyncReader":
        """A fresh reader for one run of the command."""
        return RsyncReader(max(1, len(_options(argv).words) - 1))


def _options(argv: Sequence[str]) -> Options:
    return parse(unwrap(argv)[1:], RSYNC)


class RsyncReader(LineReader):
    """The statistics at the end where there are some; until then items, names or progress as far as they are told."""

    def __init__(self, sources: int) -> None:
        super().__init__()
        self._sources = sources
        self._counted = self._ended = self._naming = False
        self._items = self._sent = self._skipped = self._total = self._size = 0
        self._lost = self._never_listed = self._no_source = self._unverified = 0

    def counts(self) -> Counts:
        """Files and links so far. "Files transferred" includes a file that could not be read: failures come off it."""
        failed = max(self._lost, self._unverified)
        listed = max(0, failed - self._never_listed)  # the others are in no total of rsync's
        done = max(0, self._total - listed - self._skipped) if self._ended else self._items
        total = self._total + self._never_listed
        return bounded(failed=failed, successful=done, skipped=self._skipped, total=total, size=self._size)

    def read(self, stream: Stream, text: str) -> None:
        """Takes one line that is not blank."""
        if _UNVERIFIED.match(text):
            self._unverified += 1
            self.errors.add(text)
        elif _LOST.match(text):
            self._lost += 1
            self._never_listed += _NEVER_LISTED.match(text) is not None
            self._no_source += _NO_SOURCE.match(text) is not None
            self.errors.add(text)
        elif text.startswith("skipping non-regular file "):
            self._skipped += 1
        elif text.startswith(("rsync error:", "rsync warning:", "rsync:", "ssh:", "@ERROR")):
            self.errors.add(text)
        elif stream == "stdout":
            self._told(text)

    def outcome(self, exit_code: int) -> Outcome:
        """0 Successful; 23, 24, 25 Exception where a file got through or was there already; 20 Stopped; else Failed."""
        counts = self.counts() if self._counted or self._lost else None
        if exit_code == 0:
            state = JobState.Successful
        elif exit_code in {23, 24, 25}:
            # Without statistics nothing tells what was there already, unless no source could be entered at all.
            sourceless = self._no_source >= self._sources and not self._items
            state = partly(counts) if self._ended or sourceless else JobState.Exception
        elif exit_code == 20:
            state = JobState.Stopped
        else:
            state = JobState.Failed
        summary = ""
        if self._ended:
            summary = f"{plural(self._sent, 'file')} transferred of {self._total:,}, {self._size:,} bytes"
        return self.conclude(exit_code, state, counts, summary)

    def _told(self, text: str) -> None:
        if match := _ENTRIES.match(text):
            folders = _FOLDERS.search(match[2] or "")
            self._counted = self._ended = True
            self._naming = False
            self._total = max(0, _number(match[1]) - (_number(folders[1]) if folders else 0))
            self._size = 0
        elif match := _SENT.match(text):
            self._sent = _number(match[1])
        elif match := _DATA.match(text):
            self._size += size_of(match[2], decimal=True)
        elif self._ended:
            return
        elif match := _PROGRESS.match(text):
            self._size = max(self._size, size_of(match[1], decimal=True))
            if match[2]:
                self._counted = True
                self._total = whole(match[4])
                self._items = max(self._items, self._total - whole(match[3]))
        elif match := _ITEM.match(text):
            self._counted = True
            self._items += 1
        elif text.startswith(("sending incremental", "receiving incremental", "sending file list", "building file")):
            self._naming = True
        elif text.startswith(("sent ", "total size is ")):
            self._naming = False
        elif (
            self._naming and not text.rstrip().endswith("/") and not text.startswith(("created dir", "deleting ", "*"))
        ):
            self._counted = True
            self._items += 1


def _number(text: str) -> int:
    """`1,234` or `1.234`, as the locale has it."""
    return whole(text.replace(",", "").replace(".", ""))
