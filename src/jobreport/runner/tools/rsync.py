"""Reads the result of rsync from its text, with the digits of any locale, and its exit code.

Objects are files and links, not folders. rsync writes numbers as the user's locale does (`5.063`, `3,15M`), but its
words are always English. "Files transferred" includes files that failed. If only an owner or a time could not be set,
the file is not lost.
"""

import re
from collections.abc import Sequence
from typing import Final

from jobreport.model.brings import brings
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.runner.command_lines.command import Options, parse
from jobreport.runner.command_lines.options import RSYNC
from jobreport.runner.command_lines.wrappers import arguments
from jobreport.runner.text import names, plural, whole
from jobreport.runner.tools.base import Counts, Outcome, Stream, Subject
from jobreport.runner.tools.reading import LineReader, bounded, partly, subject
from jobreport.runner.tools.rsync_lines import ITEM, NAMES_BEGIN, NAMES_END, NO_NAME, Loss, loss_of, number, size

_NUMBER: Final = r"([\d.,]{1,30})"
_ENTRIES: Final = re.compile(rf"Number of files: {_NUMBER}(?: \((.*)\))?")
_FOLDERS: Final = re.compile(rf"\bdir: {_NUMBER}")
_SENT: Final = re.compile(rf"Number of (?:regular )?files transferred: {_NUMBER}")
_DATA: Final = re.compile(r"(?:Literal|Matched) data: ([\d.,]{1,30}[KMGTPE]?)")
_PROGRESS: Final = re.compile(r"\s*([\d.,]{1,30}[KMGTPE]?)\s+\d+%.*?(?:\(xfr#(\d+), (?:to|ir)-chk=\d+/\d+\))?\s*$")
_CODE: Final = re.compile(r"rsync error: .*\(code (\d+)\)")
_BROKEN: Final = re.compile(r"(?:\[\w+\] )?io timeout after \d+ seconds|IO error encountered -- skipping file deletion")

_CAUSES: Final = {
    1: "wrong-arguments",
    10: "unreachable",
    20: "cancelled",
    22: "no-memory",
    24: "changed",
    30: "timed-out",
    35: "timed-out",
}
"""What an exit code says. 11 and 23 may be anything, which the messages tell."""


class Rsync:
    """rsync 3.0 and later. Counts are exact with `--stats`, and grow during the run with `--info=progress2`, `-v` or
    `-i`.
    """

    name = "rsync"
    brings = brings((ServiceType.FileShare, JobType.Backup))

    def subject(self, argv: Sequence[str]) -> Subject:
        """Returns the backup of a file share: what is copied, and where to."""
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
        """Returns a fresh reader for one run of the command."""
        given = _options(argv)
        readable = len(given.options.get("-h", [])) + len(given.options.get("--human-readable", []))
        return RsyncReader(argv, max(1, len(given.words) - 1), base=1024 if readable > 1 else 1000)


def _options(argv: Sequence[str]) -> Options:
    return parse(arguments(argv, "rsync"), RSYNC)


class RsyncReader(LineReader):
    """Reads the statistics at the end, if they are printed; until then, the items, names or progress that are printed.

    `base` is the number of bytes that a K means in rsync's sizes.
    """

    def __init__(self, argv: Sequence[str], sources: int, *, base: int) -> None:
        super().__init__(argv)
        self._sources = sources
        self._base = base
        self._counted = self._ended = self._naming = self._folder_skipped = False
        self._named = self._arrived = self._sent = self._skipped = self._total = self._size = 0
        self._lost = dict.fromkeys(Loss, 0)
        self._told_code = 0

    def counts(self) -> Counts:
        """Returns the files and links so far. A failed file was named or counted as transferred before, so it is
        subtracted.
        """
        lost, skipped = self._lost, self._skipped
        received = max(lost[Loss.RECEIVED], lost[Loss.UNVERIFIED])
        unseen = lost[Loss.SOURCE] + lost[Loss.NEVER_LISTED]
        failed = received + lost[Loss.SENT] + lost[Loss.OTHER] + lost[Loss.FOLDER] + unseen
        if not self._ended:
            # Where a file cannot be read it is counted as transferred, but not named.
            done = max(self._named - received, self._arrived - received - lost[Loss.SENT])
        elif self._folder_skipped:
            # Of what such a folder holds nothing is told: only what was transferred is surely there.
            done = self._sent - received - lost[Loss.SENT]
        else:
            done = self._total - received - lost[Loss.SENT] - lost[Loss.OTHER] - skipped
        return bounded(failed=failed, successful=done, skipped=skipped, total=self._total + unseen, size=self._size)

    def read(self, stream: Stream, text: str) -> None:
        """Takes one line that is not blank."""
        if (loss := loss_of(text)) is not None:
            self._lost[loss] += 1
            self.errors.add(text)
        elif text.startswith("*** Skipping any contents from this failed directory"):
            self._folder_skipped = True
        elif text.startswith("skipping non-regular file "):
            self._skipped += 1
        elif text.startswith(("rsync error:", "rsync warning:", "rsync:", "ssh:", "@ERROR")) or _BROKEN.match(text):
            self.errors.add(text)
            if match := _CODE.match(text):
                self._told_code = whole(match[1])
        elif stream == "stdout":
            self._told(text)

    def outcome(self, exit_code: int) -> Outcome:
        """Exit code 0 is Successful; 23, 24, 25 Exception if a file was copied or was already there; 20 Stopped; any
        other Failed.
        """
        counts = self.counts()
        failed = counts.failed > 0
        known = counts if self._counted or failed else None
        exit_code = exit_code or self._told_code  # behind a pipe the code is another program's
        if exit_code == 0:
            state = JobState.Successful
        elif exit_code in {23, 24, 25}:
            # Without statistics nothing tells what was there already, unless no source could be entered at all.
            sourceless = self._lost[Loss.SOURCE] >= self._sources and not counts.successful
            state = partly(known) if self._ended or sourceless else JobState.Exception
            if known is None and self._lost[Loss.NOTHING]:
                known = bounded(successful=1)
        elif exit_code == 20:
            state = JobState.Stopped
        else:
            state = JobState.Failed
        summary = ""
        if self._ended:
            summary = f"{plural(self._sent, 'file')} transferred of {self._total:,}, {self._size:,} bytes"
        return self.conclude(exit_code, state, known, summary, cause=_CAUSES.get(exit_code, ""))

    def _told(self, text: str) -> None:
        if match := _ENTRIES.match(text):
            folders = _FOLDERS.search(match[2] or "")
            self._counted = self._ended = True
            self._naming = False
            self._total = max(0, number(match[1]) - (number(folders[1]) if folders else 0))
            self._size = 0
        elif match := _SENT.match(text):
            self._sent = number(match[1])
        elif match := _DATA.match(text):
            self._size += size(match[1], self._base)
        elif self._ended:
            return
        elif match := _PROGRESS.match(text):
            self._size = max(self._size, size(match[1], self._base))
            self._arrived = max(self._arrived, whole(match[2]))
            self._counted |= self._arrived > 0
        elif ITEM.match(text):
            self._one_more()
        elif text.startswith(NAMES_BEGIN):
            self._naming = True
        elif text.startswith(NAMES_END):
            self._naming = False
        elif self._naming and not text.rstrip().endswith("/") and not text.startswith(NO_NAME):
            self._one_more()

    def _one_more(self) -> None:
        self._counted = True
        self._named += 1
