"""The settings of a connector of the kind `pgbackrest`, and what each key means."""

import re
from typing import Final

import msgspec

from jobreport.configuration.check import Span
from jobreport.connectors.command import check_call

_STANZA: Final = re.compile(r"\w[\w.-]{0,127}", re.ASCII)


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The settings of a connector of this kind."""

    command: tuple[str, ...] = ("pgbackrest",)
    stanzas: tuple[str, ...] = ()
    host: str = ""
    environment_file: str = ""
    longest: Span = 600

    def __post_init__(self) -> None:
        check_call(self.command, '["sudo", "-n", "-u", "postgres", "pgbackrest"]')
        if wrong := [one for one in self.stanzas if not _STANZA.fullmatch(one)]:
            raise ValueError(f"stanzas must have names of stanzas, and {wrong[0]!r} is none")
        if len(set(self.stanzas)) < len(self.stanzas):
            raise ValueError("stanzas must name each only once")
        if self.longest < 1:
            raise ValueError("longest must be more than 0")


KEYS: Final = {
    "command": 'How pgBackRest is called, as a list; no shell reads it. By default ["pgbackrest"].',
    "stanzas": "The stanzas to read; left out: all that pgBackRest finds in its repositories.",
    "host": "The machine on which backups are started, as its own hostname is; left out: this one. A run under "
    "`jobreport run` there, and the backup that came of it, are one job.",
    "environment_file": 'A file of lines such as PGBACKREST_REPO1_CIPHER_PASS="…", with what pgBackRest needs in its '
    "environment.",
    "longest": 'How long one call may take; by default "10m".',
}
