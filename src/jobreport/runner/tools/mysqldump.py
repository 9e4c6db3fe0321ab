"""Reads the result of mysqldump and mariadb-dump by their messages, which no language changes, and their exit code.

An error ends them, unless `--force` has them go on; then the dump lacks something, and there is one all the same.
"""

import re
from collections.abc import Sequence
from typing import Final

from jobreport.model.brings import brings
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.runner.command_lines.command import Options, parse
from jobreport.runner.command_lines.options import MYSQLDUMP
from jobreport.runner.command_lines.wrappers import arguments
from jobreport.runner.text import names
from jobreport.runner.tools.base import Counts, Outcome, Stream, Subject
from jobreport.runner.tools.reading import LineReader, bounded, subject

PROGRAMS: Final = ("mysqldump", "mariadb-dump", "mysqlpump")
_MESSAGE: Final = re.compile(rf"(?:{'|'.join(PROGRAMS)})\S*: (?!\[?(?:Warning|Note)\]?[: ])")
_NOTHING: Final = re.compile(r".* when (?:trying to connect|selecting the database)$")


class Mysqldump:
    """mysqldump, mariadb-dump and mysqlpump. A run is one object, since they print no number of objects."""

    name = "mysqldump"
    brings = brings((ServiceType.Common, JobType.Backup))

    def subject(self, argv: Sequence[str]) -> Subject:
        """Returns the backup of databases, or of tables of one."""
        given = _options(argv)
        host, target = given.first("-h", "--host"), given.first("-r", "--result-file", "-T", "--tab")
        several = given.has("-B", "--databases") or len(given.words) < 2
        if given.has("-A", "--all-databases") or not given.words:
            what = "all databases"
        elif several:
            what = f"database {names(given.words)}"
        else:
            what = f"database {given.words[0]}, tables {names(given.words[1:])}"
        about = f"dump of {what}" + (f" to {target}" if target else "") + (f" on {host}" if host else "")
        resource = (names(given.words) if several else given.words[0]) or host
        return subject(Subject(service=ServiceType.Common, type=JobType.Backup, description=about, resource=resource))

    def reader(self, argv: Sequence[str]) -> "MysqldumpReader":
        """Returns a fresh reader for one run of the command."""
        return MysqldumpReader(argv, forced=_options(argv).has("-f", "--force"))


def _options(argv: Sequence[str]) -> Options:
    found = next((name for name in PROGRAMS if any(name in word for word in argv)), PROGRAMS[0])
    return parse(arguments(argv, found), MYSQLDUMP)


class MysqldumpReader(LineReader):
    """Reads the messages on standard error. Standard output may be the dump itself."""

    def __init__(self, argv: Sequence[str], *, forced: bool) -> None:
        super().__init__(argv)
        self._forced = forced
        self._errors = 0

    def counts(self) -> Counts:
        """Returns the one object, and the errors so far."""
        return bounded(failed=self._errors, total=1)

    def read(self, stream: Stream, text: str) -> None:
        """Takes one line that is not blank."""
        text = text.strip("\a \t")  # some messages ring the bell first
        if stream == "stderr" and _MESSAGE.match(text):
            self._errors += 1
            self.errors.add(text)
            self.gave_up |= not self._forced or _NOTHING.match(text) is not None

    def outcome(self, exit_code: int) -> Outcome:
        """Exit code 0 is Successful. With `--force` errors make an Exception; any other end is Failed."""
        if self._errors and not self.gave_up:
            return self.conclude(exit_code, JobState.Exception, bounded(failed=self._errors, successful=1))
        return self.conclude(exit_code, JobState.Successful if exit_code == 0 else JobState.Failed, None)
