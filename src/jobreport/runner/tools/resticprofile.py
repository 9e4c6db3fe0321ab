"""Reads the result of resticprofile: restic's own output, which it passes on, under an exit code of its own.

It ends with 1 whatever restic ended with, and with 0 for files that could not be read if its profile says so.
"""

import re
from collections.abc import Sequence
from typing import Final

from jobreport.runner.command_lines.command import Options, parse
from jobreport.runner.command_lines.options import RESTICPROFILE
from jobreport.runner.command_lines.wrappers import arguments
from jobreport.runner.tools.base import Counts, Outcome, Stream, Subject
from jobreport.runner.tools.reading import subject
from jobreport.runner.tools.restic import Restic, ResticReader

_PARTLY: Final = 3
_LOG: Final = re.compile(r"\d{4}/\d\d/\d\d \d\d:\d\d:\d\d ")
_RESTICS_CODE: Final = re.compile(r".*\bexit status (\d{1,3})\s*$")
_IGNORED: Final = re.compile(r".*finished 'backup' with warning: failed to read all source data")


class Resticprofile:
    """resticprofile, which runs restic by the profiles of its configuration."""

    name = "resticprofile"
    brings = Restic.brings

    def subject(self, argv: Sequence[str]) -> Subject:
        """Returns restic's subject for the command, with the profile."""
        given = _options(argv)
        profile, action = _profile(given)
        theirs = Restic().subject(["restic", *filter(None, [action])])
        about = f"resticprofile {action}".strip() + (f" of profile {profile}" if profile else "")
        return subject(Subject(service=theirs.service, type=theirs.type, description=about, resource=profile))

    def reader(self, argv: Sequence[str]) -> "ResticprofileReader":
        """Returns a fresh reader for one run of the command."""
        return ResticprofileReader(argv, _profile(_options(argv))[1])


def _options(argv: Sequence[str]) -> Options:
    return parse(arguments(argv, "resticprofile"), RESTICPROFILE)


def _profile(given: Options) -> tuple[str, str]:
    """Returns the profile and restic's command: `-n PROFILE backup`, or `PROFILE.backup`."""
    word = next(iter(given.words), "")
    profile, dot, action = word.rpartition(".")
    return (profile, action) if dot else (given.first("-n", "--name"), word)


class ResticprofileReader:
    """Reads restic's lines as those of restic, and of resticprofile's own the exit code that restic had."""

    def __init__(self, argv: Sequence[str], action: str) -> None:
        self._restic = ResticReader(argv, action)
        self._code: int | None = None
        self._ignored = False

    def line(self, stream: Stream, text: str) -> None:
        """Takes one line of output, without its line end."""
        if match := _RESTICS_CODE.match(text[:4_000]):
            self._code = int(match[1])
        self._ignored |= _IGNORED.match(text[:4_000]) is not None
        self._restic.line(stream, _LOG.sub("", text, count=1))

    def counts(self) -> Counts:
        """Returns restic's counts."""
        return self._restic.counts()

    def outcome(self, exit_code: int) -> Outcome:
        """Exit code 0 is Successful unless files could not be read; otherwise restic's own code counts, where it is
        told.
        """
        if exit_code == 0:
            return self._restic.outcome(_PARTLY if self._ignored else 0)
        return self._restic.outcome(self._code or exit_code)
