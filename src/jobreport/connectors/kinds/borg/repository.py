"""Asks borg for the ID of a repository and for its archives, without a lock, so that no backup waits or fails for it.

borg must read a part of an archive to tell more than its start. So the rest is asked for new archives only.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Final

import msgspec

from jobreport.connectors.base import CannotReadError, Look, Page, Right, Stream
from jobreport.connectors.command import Command, Limits, chunks, output
from jobreport.connectors.inventory import OVERLAP, InventoryLook, Item
from jobreport.connectors.json_items import items
from jobreport.connectors.kinds.borg.records import job_of, time_of
from jobreport.model.sees import Sees

RIGHT: Final = Right(name="the passphrase of the repository", without="all of its archives")
_TOLD: Final = ("--format", "{start}{end}{hostname}{username}{comment}{command_line}")


class _Id(msgspec.Struct):
    id: str


class _Repository(msgspec.Struct):
    repository: _Id


class Repository:
    """A repository of borg. `variables` say where it is, and have its passphrase."""

    def __init__(self, borg: Sequence[str], variables: Mapping[str, str], limits: Limits) -> None:
        self._borg, self._variables, self._limits = borg, variables, limits

    def streams(self) -> list[Stream]:
        """Returns its only list."""
        return [Stream(name="archives", sees=Sees.RESULTS, overlap=OVERLAP)]

    def rights(self) -> list[Right]:
        """Opens it."""
        self._id()
        return [msgspec.structs.replace(RIGHT, held=True)]

    def read(self, stream: Stream, look: Look) -> Iterator[Page]:
        """Gives its archives."""
        made = partial(job_of, self._id())
        through = InventoryLook(look)
        yield from through.pages(self._archives(through.since), time_of, made)

    def _archives(self, since: int) -> Iterator[Item]:
        """Gives the archives, from `since` on (ticks). borg lists them by time, and takes a number of the last."""
        if not since:
            return self._listed(*_TOLD)
        new, last = 0, []
        for record, text in self._listed():
            new += time_of(record) >= since
            last = [(record, text)]
        return self._listed("--last", str(new), *_TOLD) if new else iter(last)  # the last shows that there are any

    def _listed(self, *options: str) -> Iterator[Item]:
        return items(chunks(self._list(*options)), "borg", "archives")

    def _id(self) -> str:
        told = output(self._list("--last", "1"))
        try:
            return msgspec.json.decode(told, type=_Repository).repository.id
        except msgspec.MsgspecError:
            raise CannotReadError("borg did not tell the ID of the repository") from None

    def _list(self, *options: str) -> Command:
        argv = (*self._borg, "list", "--bypass-lock", "--json", *options)
        return Command(argv=argv, name="borg", environment=self._variables, limits=self._limits)
