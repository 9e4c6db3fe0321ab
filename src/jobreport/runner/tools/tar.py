"""Reads the result of GNU tar, and as far as possible of bsdtar, from its exit code and messages, in any language.

Exit code 1 means that a file changed while it was read: the archive is complete, and the file is in it. 2 may mean that
the archive broke off, or that one of thousands of files was unreadable; then only that file is missing.
"""

import re
from collections.abc import Sequence
from typing import Final

from jobreport.model.brings import brings
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.runner.command_lines.command import Options, parse
from jobreport.runner.command_lines.options import TAR
from jobreport.runner.command_lines.wrappers import arguments
from jobreport.runner.text import names, plural
from jobreport.runner.tools.base import Counts, Outcome, Stream, Subject
from jobreport.runner.tools.levels import COLON
from jobreport.runner.tools.reading import LineReader, bounded, subject

_ACTIONS: Final = {
    "create": ("-c", "--create"),
    "append to": ("-r", "--append"),
    "update of": ("-u", "--update"),
    "extract": ("-x", "--extract", "--get"),
    "list": ("-t", "--list"),
    "compare": ("-d", "--diff", "--compare"),
}
_TYPES: Final = {"extract": JobType.Restore, "list": JobType.Report, "compare": JobType.Report}
# `tar: file: why`; what has no second colon is about the run.
_ABOUT: Final = re.compile(rf"(?:\S*/)?(?:g|bsd)?tar: (\S.*?){COLON}\s.*")
_OWN: Final = re.compile(r"(?:\S*/)?(?:g|bsd)?tar: ")
_FATAL: Final = re.compile(r"not recoverable|exiting now|Wrote only|Child (?:returned status|died)")
_LONG: Final = re.compile(r"([-dlbcpshCMNSV])[-rwxsStT]{9}[.+@]?\s")  # a line of `-vv`
_NAME: Final = re.compile(r"[axu] (.+)")  # as bsdtar has it
_MOST_NAMES: Final = 100_000


class Tar:
    """tar with its options in either form, `tar czf` and `tar -czf`. Counts need `-v`."""

    name = "tar"
    brings = brings(*((ServiceType.FileShare, kind) for kind in (JobType.Backup, *_TYPES.values())))

    def subject(self, argv: Sequence[str]) -> Subject:
        """Returns a job of a file share: what is archived, and in which archive."""
        given = _options(argv)
        action, archive, what = _action(given), given.first("-f", "--file"), names(given.words)
        if action == "create":
            about = f"tar backup of {what or 'standard input'}" + (f" to {archive}" if archive else "")
        elif action == "extract":
            about = f"tar restore of {archive or 'standard input'}" + (f" to {to}" if (to := given.first("-C")) else "")
        else:
            about = f"tar {action} {archive}".strip()
        resource = what if action == "create" else archive
        kind = _TYPES.get(action, JobType.Backup)
        return subject(Subject(service=ServiceType.FileShare, type=kind, description=about, resource=resource))

    def reader(self, argv: Sequence[str]) -> "TarReader":
        """Returns a fresh reader for one run of the command."""
        given = _options(argv)
        counts = given.has("-v", "--verbose") and _action(given) not in {"list", "compare"}
        return TarReader(argv, given.words, given.first("-f", "--file"), counts=counts)


def _options(argv: Sequence[str]) -> Options:
    first, *rest = [*arguments(argv, "tar"), ""][:-1] or [""]
    if re.fullmatch(r"[A-Za-z]+", first) is None:
        return parse([first, *rest] if first else [], TAR)
    # `tar czfC x.tgz /srv .`: the values of the letters follow in the letters' order.
    valued = [f"-{letter}" for letter in first if f"-{letter}" in TAR]
    flags = [f"-{letter}" for letter in first if f"-{letter}" not in TAR]
    pairs = [word for pair in zip(valued, rest, strict=False) for word in pair]
    return parse([*flags, *pairs, *rest[len(valued) :]], TAR)


def _action(given: Options) -> str:
    return next((name for name, options in _ACTIONS.items() if given.has(*options)), "")


class TarReader(LineReader):
    """Reads the names that `-v` prints, and the messages about files that could not be read."""

    def __init__(self, argv: Sequence[str], operands: Sequence[str], archive: str, *, counts: bool) -> None:
        super().__init__(argv)
        self._operands = frozenset(operands)
        self._archive = archive
        self._lists = counts
        self._done = 0
        self._blamed: set[str] = set()
        self._broken = self._summed_up = False

    def counts(self) -> Counts:
        """Returns the files so far, without folders; one object if tar does not name them."""
        return bounded(successful=self._done, total=0 if self._lists else 1)

    def read(self, stream: Stream, text: str) -> None:
        """Takes one line that is not blank."""
        if _OWN.match(text):
            self._broken |= _FATAL.search(text) is not None
            self.errors.add(text)
            match = _ABOUT.match(text)
            # It ends with a sentence on the run where files that were blamed before make it end with 2.
            self._summed_up = match is None and bool(self._blamed)
            if match and len(self._blamed) < _MOST_NAMES:
                self._blamed.add(match[1])
        elif self._lists and (stream == "stdout" or self._archive in {"", "-"}):
            long = _LONG.match(text)
            folder = long[1] == "d" if long else text.rstrip().endswith("/")
            self._done += not folder

    def outcome(self, exit_code: int) -> Outcome:
        """Exit code 0 is Successful, 1 Exception, 2 Exception if only some files could not be read;
        any other Failed.
        """
        counts = bounded(successful=self._done) if self._done else None
        if exit_code == 0 and (self._broken or self._summed_up):
            exit_code = 2  # behind a pipe the code is another program's
        if exit_code == 0:
            state = JobState.Successful
        elif exit_code == 1 and not self.is_a_wrappers(exit_code):
            state = JobState.Exception
        elif exit_code == 2 and self._only_some_failed():
            state = JobState.Exception
            # Without `-v` the files are not named; what the command names, and no message, is in the archive then.
            counts = bounded(failed=len(self._blamed), successful=self._done or len(self._operands - self._blamed))
        else:
            state = JobState.Failed
        return self.conclude(exit_code, state, counts, f"{plural(self._done, 'file')}" if self._done else "")

    def _only_some_failed(self) -> bool:
        """Returns whether the archive is complete except for the files named in errors, and these are not all of its
        files.
        """
        if self._broken or not self._blamed or self._archive in self._blamed:
            return False
        return self._done > 0 or not self._operands <= self._blamed
