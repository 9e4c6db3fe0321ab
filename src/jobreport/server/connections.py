"""Limits how many connections a worker has at once, and decides which connections are closed if there are too many."""

from collections import Counter
from collections.abc import Iterable
from typing import Any, Final, Protocol

from jobreport.server.timeouts import Phase

MAX_CONNECTIONS: Final = 1_000
"""The most connections of a worker. If there are more, some that wait for their client are closed."""
_EVICTED: Final = MAX_CONNECTIONS // 20
"""The number of connections that are closed together to make room."""


class Connection(Protocol):
    """The parts of a connection that are needed here."""

    client: tuple[str, int] | None
    began: float
    transport: Any

    @property
    def phase(self) -> Phase:
        """What the connection waits for now."""
        ...


def make_room(newest: Connection, connections: Iterable[Any]) -> bool:
    """Closes some of the connections that wait for their client, first those of the address that has the most. Returns
    False if none waits.

    So a client that opens many connections and leaves them open loses its own, and other clients are served.
    """
    waiting: list[Connection] = [
        other for other in connections if other is not newest and other.phase in (Phase.HEAD, Phase.IDLE, Phase.REST)
    ]
    owned = Counter(_address(other) for other in waiting)
    waiting.sort(key=lambda other: (-owned[_address(other)], other.began))
    for other in waiting[:_EVICTED]:
        other.transport.close()
    return bool(waiting)


def _address(connection: Connection) -> str:
    return connection.client[0] if connection.client else ""
