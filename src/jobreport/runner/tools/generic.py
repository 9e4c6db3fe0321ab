"""Any other command: its last lines and exit code in; one object, successful or failed, out."""

import re
from collections.abc import Sequence
from typing import Final

from jobreport.model.catalog import JobState
from jobreport.runner.tools.base import Counts, Outcome, Subject
from jobreport.runner.tools.command import program_name, unwrap
from jobreport.runner.tools.reading import LineReader, bounded, subject
from jobreport.runner.tools.redact import MASK, redact_arguments
from jobreport.runner.tools.text import names

# Short options by which common programs (mysqldump, 7z, zip, curl, sshpass, openssl) are given a password.
_SHORT_SECRET: Final = re.compile(r"-[pPkKu](?!ath|rint|eep)(.*)")
_WITH_VALUE: Final = re.compile(r"-[pPkKu]|-pass|-passin|-passout")


class Generic:
    """Every command that no other tool knows."""

    name = "generic"

    def subject(self, argv: Sequence[str]) -> Subject:
        """A common backup, described by the command itself without what may be a password in it."""
        program, *arguments = unwrap(argv) or [""]
        words = " ".join([program_name(program), *_without_short_secrets(redact_arguments(arguments))])
        return subject(Subject(description=words, resource=names(_paths(arguments))))

    def reader(self, argv: Sequence[str]) -> "GenericReader":
        """A fresh reader for one run of the command."""
        return GenericReader()


class GenericReader(LineReader):
    """Nothing is known of the output, so its last lines are kept for the comments of a failure."""

    keeps_json = True

    def counts(self) -> Counts:
        """One object, of which nothing is known before the end."""
        return bounded(total=1)

    def outcome(self, exit_code: int) -> Outcome:
        """0 Successful; else Failed."""
        return self.conclude(exit_code, JobState.Successful if exit_code == 0 else JobState.Failed, None)


def _without_short_secrets(arguments: list[str]) -> list[str]:
    """`-psecret`, `-p secret` and `-u user:secret` masked; a port or a path that looks the same is masked with them."""
    result: list[str] = []
    secret = False
    for argument in arguments:
        if secret and not argument.startswith("-"):
            result.append(MASK)
            secret = False
            continue
        secret = _WITH_VALUE.fullmatch(argument) is not None
        match = None if secret else _SHORT_SECRET.fullmatch(argument)
        result.append(f"{argument[:2]}{MASK}" if match else argument)
    return result


def _paths(arguments: Sequence[str]) -> list[str]:
    """The absolute paths among the arguments: most likely what the command is about."""
    return [word for word in arguments if re.match(r"/[\w.]|[A-Za-z]:[\\/]", word)]
