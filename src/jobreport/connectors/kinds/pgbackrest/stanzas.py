"""Reads pgBackRest by one call of `pgbackrest info`: each stanza is a stream in each of its repositories.

If a repository cannot be read, pgBackRest ends with 0 all the same. If its folder is missing, it has no stanzas.
"""

from collections.abc import Iterator
from functools import partial
from socket import gethostname
from typing import Final

import msgspec

from jobreport.connectors.base import CannotReadError, Look, Page, Right, Stream
from jobreport.connectors.command import Command, Limits, output
from jobreport.connectors.environment_file import environment
from jobreport.connectors.inventory import OVERLAP, InventoryLook
from jobreport.connectors.kinds.pgbackrest.records import Part, job_of, parts, time_of
from jobreport.connectors.kinds.pgbackrest.settings import Settings
from jobreport.model.sees import Sees

RIGHT: Final = Right(name="to read the repository", without="the backups of the stanza in it")


class Stanzas:
    """The stanzas that one configuration of pgBackRest names."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._host = settings.host or gethostname()
        self._environment = environment(settings.environment_file) if settings.environment_file else {}

    def streams(self) -> Iterator[Stream]:
        """Gives a stream for each stanza in each repository."""
        for part in self._parts():
            yield Stream(name=part.name, sees=Sees.RESULTS, overlap=OVERLAP, about=part)

    def rights(self) -> Iterator[Right]:
        """Says of each repository whether pgBackRest could read it."""
        for part in self._parts():
            yield Right(name=RIGHT.name, without=RIGHT.without, stream=part.name, held=not part.unreadable)

    def read(self, stream: Stream, look: Look) -> Iterator[Page]:
        """Gives the backups."""
        part: Part = stream.about
        if part.unreadable:
            raise CannotReadError(f"{part.name} cannot be read: {part.unreadable}")
        listed = ((msgspec.json.decode(raw), bytes(raw).decode("utf-8")) for raw in part.backups)
        yield from InventoryLook(look).pages(listed, time_of, partial(job_of, part, self._host))

    def _parts(self) -> list[Part]:
        named = [f"--stanza={name}" for name in self._settings.stanzas]
        found = [part for words in [[one] for one in named] or [[]] for part in parts(self._asked(words))]
        if not found:
            raise CannotReadError(
                "pgBackRest finds no stanza in any repository: name those that there should be in stanzas, and see "
                "that it is called with the right configuration, and the repository is there"
            )
        return found

    def _asked(self, words: list[str]) -> bytes:
        return output(
            Command(
                argv=[*self._settings.command, *words, "info", "--output=json"],
                name="pgBackRest",
                environment=self._environment,
                limits=Limits(seconds=self._settings.longest),
            )
        )
