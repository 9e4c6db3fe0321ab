"""Reads any other command: it counts as one object, and its exit code says whether that was successful."""

import re
from collections.abc import Sequence

from jobreport.model.brings import brings
from jobreport.model.catalog import JobState
from jobreport.runner.command_lines.command import program_name
from jobreport.runner.command_lines.redact_words import redact_command
from jobreport.runner.command_lines.wrappers import unwrap
from jobreport.runner.text import names
from jobreport.runner.tools.base import Counts, Outcome, Subject
from jobreport.runner.tools.reading import LineReader, bounded, subject


class Generic:
    """Every command that no other tool knows."""

    name = "generic"
    brings = brings((Subject().service, Subject().type))

    def subject(self, argv: Sequence[str]) -> Subject:
        """Returns a job of the common service: a backup, described by the command itself, in which possible passwords
        are masked.
        """
        program, *arguments = redact_command(unwrap(argv) or [""])
        words = " ".join([program_name(program), *arguments])
        return subject(Subject(description=words, resource=names(_paths(arguments))))

    def reader(self, argv: Sequence[str]) -> "GenericReader":
        """Returns a fresh reader for one run of the command."""
        return GenericReader(argv)


class GenericReader(LineReader):
    """Keeps the last lines of the output for the comments of a failure, since nothing else is known about it."""

    keeps_json = True

    def counts(self) -> Counts:
        """Returns one object, about which nothing is known before the end."""
        return bounded(total=1)

    def outcome(self, exit_code: int) -> Outcome:
        """Exit code 0 is Successful, any other Failed."""
        return self.conclude(exit_code, JobState.Successful if exit_code == 0 else JobState.Failed, None)


def _paths(arguments: Sequence[str]) -> list[str]:
    """Returns the absolute paths among the arguments, as they are most likely what the command is about."""
    return [word for word in arguments if re.match(r"/[\w.]|[A-Za-z]:[\\/]", word)]
