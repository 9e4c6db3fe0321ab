"""pg_dump, pg_dumpall, pg_basebackup, pg_restore and pg_verifybackup: messages and exit code in; an outcome out."""

import re
from collections.abc import Sequence
from typing import Final

from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.runner.tools.base import Counts, Outcome, Stream, Subject
from jobreport.runner.tools.command import parse, program_name, unwrap
from jobreport.runner.tools.options import POSTGRES
from jobreport.runner.tools.reading import LineReader, bounded, subject
from jobreport.runner.tools.text import names, plural, whole

PROGRAMS: Final = ("pg_dump", "pg_dumpall", "pg_basebackup", "pg_restore", "pg_verifybackup")
_FLAGS_ELSEWHERE: Final = {
    "pg_basebackup": {"-P", "-c", "-R", "-n", "-N", "-d"},
    "pg_dumpall": {"-r", "-t", "-S"},
    "pg_dump": {"-P", "-c"},
}
_IGNORED: Final = re.compile(r"errors ignored on restore: (\d+)")
_PROGRESS: Final = re.compile(r"\s*(\d+)/(\d+) kB \(\d+%\)")


class Postgres:
    """PostgreSQL's own backup programs. One object, as they tell of none."""

    name = "postgres"

    def subject(self, argv: Sequence[str]) -> Subject:
        """A backup or a restore of a database or a cluster; a connection string's password is not repeated."""
        program, *arguments = unwrap(argv) or [""]
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
        """A fresh reader for one run of the command."""
        return PostgresReader()


class PostgresReader(LineReader):
    """Messages for people; of pg_basebackup's progress, the bytes."""

    def __init__(self) -> None:
        super().__init__()
        self._ignored = self._size = 0
        self._stopped = self._verified = False

    def counts(self) -> Counts:
        """The one object, and the bytes so far."""
        return bounded(failed=self._ignored, total=1, size=self._size)

    def read(self, stream: Stream, text: str) -> None:
        """Takes one line that is not blank."""
        if match := _PROGRESS.match(text):
            self._size = max(self._size, whole(match[1]) * 1024)
            return
        if match := _IGNORED.search(text):
            self._ignored = whole(match[1])
        self._verified |= text.startswith("backup successfully verified")
        self._stopped |= text.rstrip().endswith("terminated by user")
        if stream == "stderr" and (": error:" in text or ": warning:" in text or ": fatal:" in text):
            self.errors.add(text)

    def _summary(self) -> str:
        """Of a dump, which may itself go to stdout, there is nothing to tell."""
        if self._size:
            return f"{self._size:,} bytes"
        return "backup successfully verified" if self._verified else ""

    def outcome(self, exit_code: int) -> Outcome:
        """0 Successful; ended by its user Stopped; a restore that ignored errors Exception; else Failed."""
        done = bounded(failed=self._ignored, successful=1, size=self._size)
        if self._stopped:
            return self.conclude(exit_code, JobState.Stopped, self.counts())
        if exit_code == 0:
            return self.conclude(exit_code, JobState.Successful, done, self._summary())
        if exit_code == 1 and self._ignored:
            self.errors.add(f"{plural(self._ignored, 'error')} ignored on restore")
            return self.conclude(exit_code, JobState.Exception, done)
        return self.conclude(exit_code, JobState.Failed, bounded(failed=1, size=self._size))
