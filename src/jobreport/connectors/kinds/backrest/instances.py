"""Reads a Backrest instance, and as a hub those that report to it: each is a stream, for each has a log of its own."""

from collections.abc import Iterator
from typing import Final

import msgspec

from jobreport.connectors.base import CannotReadError, Look, Page, Right, Stream
from jobreport.connectors.http_client import HttpServer, UnauthorizedError
from jobreport.connectors.kinds.backrest.log import Log, Reading
from jobreport.model import ticks

RIGHT: Final = Right(name="a user of Backrest", without="all of its operations")
_OVERDUE: Final = ticks.PER_DAY
"""If a hub has a run of an instance that should have begun so long ago, the two are not connected."""


class Peer(msgspec.Struct, frozen=True, rename="camel"):
    """An instance that reports to this one."""

    instance_id: str = ""
    key_id: str = ""


class Sync(msgspec.Struct, frozen=True, rename="camel"):
    """Who reports to this instance."""

    authorized_clients: tuple[Peer, ...] = ()


class Config(msgspec.Struct, frozen=True):
    """What of an instance's configuration is looked at."""

    instance: str = ""
    sync: Sync = Sync()


class Backrest:
    """A Backrest server. `remembers`: how long it keeps an operation at the least (ticks). `next_runs`: those of its
    plans are announced. `signed`: it is asked as a user.
    """

    def __init__(self, server: HttpServer, remembers: int, *, next_runs: bool, signed: bool) -> None:
        self._server, self._remembers, self._next_runs = server, remembers, next_runs
        self._signed = signed

    def streams(self) -> Iterator[Stream]:
        """Returns the instance itself, and each that reports to it."""
        config = self._config()
        named: set[str] = set()
        for peer in (Peer(config.instance), *config.sync.authorized_clients):
            name = peer.instance_id or peer.key_id or "this instance"
            name = f"{name} ({peer.key_id})" if name in named else name
            named.add(name)
            yield Stream(name=name, remembers=self._remembers, announces=not peer.key_id, about=peer.key_id)
        # Plans of several instances may have one name, and the next run of one is none of the other's.
        self._next_runs = self._next_runs and not config.sync.authorized_clients

    def rights(self) -> list[Right]:
        """Asks whether it takes the user. Backrest knows no other right: each user may do all."""
        try:
            self._config()
        except UnauthorizedError:
            return [msgspec.structs.replace(RIGHT, held=False)]
        return [msgspec.structs.replace(RIGHT, held=True)]

    def read(self, stream: Stream, look: Look) -> Iterator[Page]:
        """Gives what has changed, and each operation that had not ended."""
        log = Log(self._server, stream.about)
        yield from Reading(log, look).pages()
        if stream.announces and self._next_runs:
            yield Page(next_runs=log.next_runs(look.now))
        if stream.about and (due := log.overdue(look.now - _OVERDUE)):
            raise CannotReadError(
                f"{stream.name} has not been connected to this hub: its next run should have begun at "
                f"{ticks.to_iso(due, digits=0)}, and nothing of it has come"
            )

    def _config(self) -> Config:
        try:
            answered = self._server.post("v1.Backrest/GetConfig", "GetConfig", {})
        except UnauthorizedError as error:
            if self._signed:
                raise
            raise CannotReadError(f"{error}: it asks for a user, whom user and password_file name") from None
        try:
            return msgspec.json.decode(answered.body, type=Config)
        except (ValueError, RecursionError) as error:
            raise CannotReadError(f"the answer to GetConfig is not understood: {str(error)[:200]}") from None
