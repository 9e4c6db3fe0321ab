"""Reads PostgreSQL's pg_dump, pg_dumpall, pg_basebackup, pg_restore and pg_verifybackup by messages and exit code.

They print in the user's language, so only the form of a line is read: the program's name, a word for the severity, and
the position of the number. Only "terminated by user" is never translated, as a signal handler prints it.
"""

import re
from collections.abc import Sequence
from typing import Final

from jobreport.model.brings import brings
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.runner.command_lines.command import parse, program_name
from jobreport.runner.command_lines.options import POSTGRES
from jobreport.runner.command_lines.wrappers import unwrap
from jobreport.runner.text import names, plural, whole
from jobreport.runner.tools.base import Counts, Outcome, Stream, Subject
from jobreport.runner.tools.levels import COLON, ERROR
from jobreport.runner.tools.reading import LineReader, bounded, subject

PROGRAMS: Final = ("pg_dump", "pg_dumpall", "pg_basebackup", "pg_restore", "pg_verifybackup")
_FLAGS_ELSEWHERE: Final = {
    "pg_basebackup": {"-P", "-c", "-R", "-n", "-N", "-d"},
    "pg_dumpall": {"-r", "-t", "-S"},
    "pg_dump": {"-P", "-c"},
}
_MESSAGE: Final = re.compile(rf"pg_[a-z]+\S*: (?:({ERROR})|[^\s:]+?{COLON}\s)")
_LAST_NUMBER: Final = re.compile(rf"pg_restore\S*: \S+?{COLON}\s.*{COLON}\s*(\d{{1,12}})$")
_PROGRESS: Final = re.compile(r"\s*(\d+)/(\d+) [kK]\w \(\d+ ?%\)")


class Postgres:
    """PostgreSQL's own backup programs. A run counts as one object, as they report no number of objects."""

    name = "postgres"
    brings = brings(*((ServiceType.Common, kind) for kind in (JobType.Backup, JobType.Restore, JobType.Report)))

    def subject(self, argv: Sequence[str]) -> Subject:
        """Returns the backup or restore of a database or a cluster, without the password of a connection string."""
        program, *arguments = unwrap(argv, "pg_") or [""]
        program = re.sub(r"[-_.]\d.*$", "", program_name(program))
        given = parse(arguments, POSTGRES - _FLAGS_ELSEWHERE.get(program, set()))
        host = given.first("-h", "--host")
        database = given.first("-d", "--dbname")
        kind = JobType.Backup
        if program == "pg_restore":
            kind = JobType.Restore
            about = f"pg_restore of {names(given.words)}" + (f" to database {database}" if database else "")
            resource = database or names(given.words)
        elif program == "pg_verifybackup":
            kind = JobType.Report
            resource = names(given.words)
            about = f"pg_verifybackup of {resource}"
        elif program in {"pg_basebackup", "pg_dumpall"}:
            target = given.first("-D", "--pgdata", "-f", "--file")
            resource = host or "cluster"
            about = f"{program} of the cluster" + (f" to {target}" if target else "")
        elif program not in PROGRAMS:
            # A script around them, read as PostgreSQL's by order: its words are not theirs.
            resource, about = "", f"PostgreSQL backup by {program}"
        else:
            target = given.first("-f", "--file")
            resource = database or names(given.words) or "the user's default database"
            about = f"{program} of database {resource}" + (f" to {target}" if target else "")
        if host:
            about += f" on {host}"
        return subject(Subject(service=ServiceType.Common, type=kind, description=about, resource=resource))

    def reader(self, argv: Sequence[str]) -> "PostgresReader":
        """Returns a fresh reader for one run of the command."""
        return PostgresReader(argv)


class PostgresReader(LineReader):
    """Reads messages for people, and the bytes in the progress of pg_basebackup."""

    def __init__(self, argv: Sequence[str]) -> None:
        super().__init__(argv)
        self._ignored = self._size = self._errors = 0
        self._stopped = self._verified = False

    def counts(self) -> Counts:
        """Returns the one object, and the bytes so far."""
        return bounded(failed=self._ignored, total=1, size=self._size)

    def read(self, stream: Stream, text: str) -> None:
        """Takes one line that is not blank. Stdout may be the dump itself, so only stderr contains messages."""
        text = text.rstrip()
        if match := _PROGRESS.match(text):
            self._size = max(self._size, whole(match[1]) * 1024)
        elif stream == "stdout":
            self._verified |= text.startswith("backup successfully verified")
        else:
            self._message(text)

    def _message(self, text: str) -> None:
        self._stopped |= text.endswith("terminated by user")
        if match := _MESSAGE.match(text):
            self.errors.add(text)
            self._errors += match[1] is not None
            # `warning: errors ignored on restore: 3` comes last, in any language with the number at its end.
            last = _LAST_NUMBER.match(text)
            self._ignored = whole(last[1]) if last and match[1] is None else 0

    def _summary(self) -> str:
        """Returns words about the run; none about a dump, since stdout may be the dump itself."""
        if self._size:
            return f"{self._size:,} bytes"
        return "backup successfully verified" if self._verified else ""

    def outcome(self, exit_code: int) -> Outcome:
        """Exit code 0 is Successful. A run that its user ended is Stopped, a restore that ignored errors Exception, any
        other Failed.
        """
        done = bounded(failed=self._ignored, successful=1, size=self._size)
        if self._stopped:
            return self.conclude(exit_code, JobState.Stopped, self.counts())
        if exit_code == 0 and (self._ignored or not self._errors):
            return self.conclude(exit_code, JobState.Successful, done, self._summary())
        if exit_code == 1 and self._ignored:
            self.errors.add(f"{plural(self._ignored, 'error')} ignored on restore")
            return self.conclude(exit_code, JobState.Exception, done)
        # An error with 0: behind a pipe the exit code is another program's.
        return self.conclude(exit_code, JobState.Failed, bounded(failed=1, size=self._size))
