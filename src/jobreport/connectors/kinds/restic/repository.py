"""Asks restic for the ID of a repository and for its snapshots. It takes no lock, so that no backup waits for it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Final

import msgspec

from jobreport.connectors.base import CannotReadError, Look, Page, Right, Stream
from jobreport.connectors.command import Command, Limits, chunks, output
from jobreport.connectors.inventory import OVERLAP, InventoryLook
from jobreport.connectors.json_items import items
from jobreport.connectors.kinds.restic.records import job_of, time_of
from jobreport.model.sees import Sees

RIGHT: Final = Right(name="the password of the repository", without="all of its snapshots")
_LACKING: Final = re.compile(r"could not load snapshot|^ignoring ", re.IGNORECASE)
"""What restic says where it leaves out a snapshot that is damaged, or that it may not read; it ends with 0."""


class _Config(msgspec.Struct):
    id: str


class Repository:
    """A repository of restic. `variables` say where it is, and have its password."""

    def __init__(self, restic: Sequence[str], variables: Mapping[str, str], limits: Limits) -> None:
        self._restic, self._variables, self._limits = restic, variables, limits

    def streams(self) -> list[Stream]:
        """Returns its only list."""
        return [Stream(name="snapshots", sees=Sees.RESULTS, overlap=OVERLAP)]

    def rights(self) -> list[Right]:
        """Opens it."""
        self._id()
        return [msgspec.structs.replace(RIGHT, held=True)]

    def read(self, stream: Stream, look: Look) -> Iterator[Page]:
        """Gives its snapshots."""
        made = partial(job_of, self._id())
        listed = items(chunks(self._call("snapshots", "--json")), "restic")
        yield from InventoryLook(look).pages(listed, time_of, made)

    def _id(self) -> str:
        told = output(self._call("cat", "config"))
        try:
            return msgspec.json.decode(told, type=_Config).id
        except msgspec.MsgspecError:
            raise CannotReadError("restic did not tell the ID of the repository") from None

    def _call(self, *words: str) -> Command:
        argv = (*self._restic, "--no-lock", "--quiet", *words)
        return Command(argv=argv, name="restic", environment=self._variables, limits=self._limits, lacking=_LACKING)
