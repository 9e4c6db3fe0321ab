"""Asks kopia for the ID of the repository that it is connected to, and for the snapshots of all users and hosts."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Final

import msgspec

from jobreport.connectors.base import CannotReadError, Look, Page, Right, Stream
from jobreport.connectors.command import Command, Limits, chunks, output
from jobreport.connectors.inventory import OVERLAP, InventoryLook
from jobreport.connectors.json_items import items
from jobreport.connectors.kinds.kopia.server import TASKS, Server
from jobreport.connectors.kinds.kopia.snapshots import job_of, time_of
from jobreport.model.sees import Sees

SNAPSHOTS: Final = "snapshots"
RIGHT: Final = Right(name="the password of the repository", without="all of its snapshots", stream=SNAPSHOTS)


class _Status(msgspec.Struct, rename={"unique_id": "uniqueIDHex"}):
    unique_id: str = ""


class Repository:
    """A repository that kopia is connected to. `variables` say by which file, and have its password. `server` serves
    it; None: no server is asked.
    """

    def __init__(
        self, kopia: Sequence[str], variables: Mapping[str, str], limits: Limits, server: Server | None
    ) -> None:
        self._kopia, self._variables, self._limits, self._server = kopia, variables, limits, server

    def streams(self) -> list[Stream]:
        """Returns its list of snapshots, and the server's list of tasks."""
        snapshots = Stream(name=SNAPSHOTS, sees=Sees.RESULTS, overlap=OVERLAP)
        return [snapshots, self._server.stream()] if self._server else [snapshots]

    def rights(self) -> list[Right]:
        """Opens the repository, and asks its server."""
        self._id()
        found = [msgspec.structs.replace(RIGHT, held=True)]
        return [*found, self._server.right()] if self._server else found

    def read(self, stream: Stream, look: Look) -> Iterator[Page]:
        """Gives the snapshots, or the tasks."""
        if self._server and stream.name == TASKS:
            yield from self._server.read(look, self._id())
            return
        made = partial(job_of, self._id())
        listed = items(chunks(self._call("snapshot", "list", "--all", "--json")), "kopia")
        yield from InventoryLook(look).pages(listed, time_of, made)

    def _id(self) -> str:
        told = output(self._call("repository", "status", "--json"))
        try:
            found = msgspec.json.decode(told, type=_Status).unique_id
        except msgspec.MsgspecError:
            raise CannotReadError("kopia did not tell the ID of the repository") from None
        if not found:
            raise CannotReadError(
                "kopia is connected to the repository through its server, which does not tell the repository's ID: "
                "connect it to the storage itself"
            )
        return found

    def _call(self, *words: str) -> Command:
        argv = (*self._kopia, *words)
        return Command(argv=argv, name="kopia", environment=self._variables, limits=self._limits)
