"""Reads the result of pgBackRest from its messages (`ERROR: [056]: …`) and its exit code.

It ends with 0 for a backup in which pages of the database had wrong checksums; each file of them is told by a warning.
By default it prints warnings and errors only, and not even the name of what it made: more with
`--log-level-console=info`.
"""

import re
from collections.abc import Sequence
from typing import Final

from msgspec.structs import replace

from jobreport.model.brings import brings
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.runner.command_lines.command import Options, parse
from jobreport.runner.command_lines.options import PGBACKREST
from jobreport.runner.command_lines.wrappers import arguments
from jobreport.runner.text import size_of, whole
from jobreport.runner.tools import made
from jobreport.runner.tools.base import Counts, Outcome, Stream, Subject
from jobreport.runner.tools.reading import LineReader, bounded, subject

_TYPES: Final = {
    **dict.fromkeys(("backup", "archive-push"), JobType.Backup),
    **dict.fromkeys(("restore", "archive-get"), JobType.Restore),
    **dict.fromkeys(("expire", "stanza-delete"), JobType.Retention),
    **dict.fromkeys(("stanza-create", "stanza-upgrade"), JobType.Initialize),
    **dict.fromkeys(("check", "verify", "info", "start", "stop", "annotate"), JobType.Report),
}
_LEVEL: Final = r"(?:[\d-]{10} [\d:.]{8,15} P\d+ +)?"
_ERROR: Final = re.compile(_LEVEL + r"(?:ERROR|ASSERT): \[\d+\]: ")
_PAGES: Final = re.compile(_LEVEL + r"WARN: invalid page checksums? found in file ")
_LABEL: Final = re.compile(_LEVEL + r"INFO: new backup label = (\S+)")
_SIZE: Final = re.compile(_LEVEL + r"INFO: \w+ (?:backup )?size = ([\d.]+[KMGTP]?B), file total = (\d+)")
_STATUS: Final = re.compile(r"\s*status: error\b")
_EXPIRED: Final = re.compile(_LEVEL + r"INFO: (?:repo\d+: )?remove expired backup ")
_ENDED: Final = re.compile(_LEVEL + r"INFO: \S+ command end: terminated on signal")
_TERMINATED: Final = 63
_CAUSES: Final = {
    **dict.fromkeys(range(31, 38), "wrong-arguments"),
    **dict.fromkeys((49, 56), "unreachable"),
    **dict.fromkeys((59, 82), "timed-out"),
    50: "locked",
    _TERMINATED: "cancelled",
}


class PgBackRest:
    """pgBackRest 2."""

    name = "pgbackrest"
    brings = brings(*((ServiceType.Common, kind) for kind in _TYPES.values()))

    def subject(self, argv: Sequence[str]) -> Subject:
        """Returns a job of a database: the command, and the stanza."""
        given = _options(argv)
        action, stanza = next(iter(given.words), ""), given.first("--stanza")
        kind = given.first("--type") if action == "backup" else ""
        about = " ".join(filter(None, ("pgBackRest", kind, action, f"of {stanza}" if stanza else "")))
        if given.has("--dry-run"):
            about += " (dry run)"
        return subject(
            Subject(
                service=ServiceType.Common,
                type=_TYPES.get(action, JobType.Backup),
                description=about,
                resource=stanza,
            )
        )

    def reader(self, argv: Sequence[str]) -> "PgBackRestReader":
        """Returns a fresh reader for one run of the command."""
        return PgBackRestReader(argv, _options(argv))


def _options(argv: Sequence[str]) -> Options:
    return parse(arguments(argv, "pgbackrest"), PGBACKREST)


class PgBackRestReader(LineReader):
    """Reads the messages. A run is one object; a file with damaged pages is one that failed."""

    def __init__(self, argv: Sequence[str], given: Options) -> None:
        super().__init__(argv)
        self._action, self._stanza = next(iter(given.words), ""), given.first("--stanza")
        self._dry = given.has("--dry-run")
        self._damaged = self._expired = self._size = 0
        self._stopped = False
        self._said: list[str] = []

    def counts(self) -> Counts:
        """Returns the one object, and the damaged files so far; of `expire`, the backups."""
        if self._action == "expire":
            return bounded(successful=self._expired)
        return bounded(failed=self._damaged, total=1, size=self._size)

    def read(self, stream: Stream, text: str) -> None:
        """Takes one line that is not blank."""
        if _ERROR.match(text):
            self.gave_up = True
            self.errors.add(text)
        elif _PAGES.match(text):
            self._damaged += 1
            self.errors.add(text)
        elif self._action == "verify" and _STATUS.match(text):
            self.gave_up = True  # it ends with 0 all the same
            self.errors.add(text.strip())
        elif match := _LABEL.match(text):
            self._said.append(f"backup {match[1]}")
        elif match := _SIZE.match(text):
            self._size = size_of(match[1])
            self._said.append(f"{whole(match[2]):,} files")
        elif _EXPIRED.match(text):
            self._expired += 1
        elif _ENDED.match(text):
            self._stopped = True

    def outcome(self, exit_code: int) -> Outcome:
        """Exit code 0 is Successful, or Exception if pages were damaged; 63 Stopped; any other Failed."""
        if exit_code == _TERMINATED or self._stopped:
            return self.conclude(exit_code, JobState.Stopped, self.counts(), cause="cancelled")
        state = JobState.Successful if exit_code == 0 else JobState.Failed
        counts = bounded(failed=self._damaged, successful=1, size=self._size)
        if self._action == "expire":
            counts = bounded(successful=self._expired)
        damaged = "damaged" if self._damaged else ""
        outcome = self.conclude(
            exit_code,
            state,
            counts if exit_code == 0 and not self.gave_up and (self._action != "expire" or self._expired) else None,
            ", ".join(self._said),
            cause=_CAUSES.get(exit_code, damaged),
        )
        there = outcome.state in {JobState.Successful, JobState.Exception}
        named = self._action == "backup" and there and not self._dry
        return replace(outcome, made=made.pgbackrest(self._stanza) if named else "")
