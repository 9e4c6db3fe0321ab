"""Limits how long a connection may wait for each thing, and ends a connection that waits too long.

Once a second one function looks at all connections of a worker and sees what each waits for. So no request needs a
timer, and each time below may be a second longer.
"""

import asyncio
from collections.abc import Iterable
from enum import Enum
from typing import Any, Final, Protocol
from weakref import WeakSet

BEAT: Final = 1.0
"""Seconds between two checks of all connections."""
HEAD_SECONDS: Final = 10
"""Seconds until the head of a request must be complete, from the start of the connection or the first byte of the
head."""
KEEP_ALIVE_SECONDS: Final = 75
"""The keep-alive time, in seconds, unless `serve` gets another. Proxies keep connections for 60 seconds. The side that
reuses a connection must close it first: otherwise it may send a request into a connection that is just being closed."""
BODY_SECONDS: Final = 20
"""Within this time, in seconds, the next `BODY_BYTES` of a body must arrive, or its end."""
MIN_RATE: Final = 4096
"""The lowest rate at which a body may arrive: bytes a second, measured over `BODY_SECONDS`."""
BODY_BYTES: Final = MIN_RATE * BODY_SECONDS
REST_SECONDS: Final = 5
"""Seconds for the rest of a body that is not needed, since the request has been answered."""
SEND_SECONDS: Final = 20
"""Within this time, in seconds, the client must read `SENT` bytes of an answer."""
SENT: Final = 64 * 1024
"""The bytes of an answer that a client must read within `SEND_SECONDS`."""
CLOSE_SECONDS: Final = 5
"""Seconds until a closed connection must have ended."""
MAX_UNSENT: Final = 256 * 1024 * 1024
"""The most bytes of a worker's answers that clients have not read yet. If there are more, the largest answers are
cut."""


class Phase(Enum):
    """What a connection waits for."""

    HEAD = "the head of a request"
    BODY = "the rest of a body"
    WORK = "ourselves"
    SENDING = "the receiver of an answer"
    IDLE = "another request"
    REST = "the end of a body that nobody wants"
    CLOSING = "its end"


_SECONDS: Final = {
    Phase.HEAD: HEAD_SECONDS,
    Phase.BODY: BODY_SECONDS,
    Phase.WORK: float("inf"),
    Phase.SENDING: SEND_SECONDS,
    Phase.REST: REST_SECONDS,
    Phase.CLOSING: CLOSE_SECONDS,
}


class PhaseTimer:
    """How long a connection has been in a phase of one request without progress, when it was last checked."""

    __slots__ = ("mark", "phase", "request", "since")

    def __init__(self) -> None:
        self.phase: Phase | None = None
        self.request: object = None
        self.since = 0.0
        """When the phase began, or the last progress was seen; in seconds."""
        self.mark = 0
        """The bytes received, or still to be sent, at that time."""


class Connection(Protocol):
    """The parts of a connection that are needed here."""

    timer: PhaseTimer
    received: int
    keep_alive: float
    cycle: Any
    transport: asyncio.Transport

    @property
    def phase(self) -> Phase:
        """What the connection waits for now."""
        ...

    def cut(self, phase: Phase) -> None:
        """Ends the connection."""
        ...


_watched: Final[WeakSet[Any]] = WeakSet()
"""The event loops that have planned the next check."""


def watch(loop: asyncio.AbstractEventLoop, connections: Iterable[Any]) -> None:
    """Checks `connections`, a set that changes, once a second while there are any."""
    if loop in _watched:
        return
    _watched.add(loop)

    def look() -> None:
        present = list(connections)
        if not present:
            _watched.discard(loop)
            return
        loop.call_later(BEAT, look)
        now = loop.time()
        for connection in present:
            judge(connection, now)
        relieve(present)

    loop.call_later(BEAT, look)


def judge(connection: Connection, now: float) -> None:
    """Cuts the connection if its time is over; `now` is in seconds.

    The time for a body or an answer begins anew with each `BODY_BYTES` or `SENT`. Earlier speed gives no credit: a
    client that sends 16 MiB at once and then nothing is cut as soon as a client that sends nothing at all.
    """
    timer, phase = connection.timer, connection.phase
    unsent = connection.transport.get_write_buffer_size()
    if phase is not timer.phase or connection.cycle is not timer.request:
        timer.phase, timer.request, timer.since = phase, connection.cycle, now
        timer.mark = unsent if phase is Phase.SENDING else connection.received
        return
    if phase is Phase.BODY and connection.received - timer.mark >= BODY_BYTES:
        timer.mark, timer.since = connection.received, now
    elif phase is Phase.SENDING and not timer.mark - SENT < unsent <= timer.mark:
        timer.mark, timer.since = unsent, now
    allowed = connection.keep_alive if phase is Phase.IDLE else _SECONDS[phase]
    if now - timer.since >= allowed:
        connection.cut(phase)


def relieve(connections: Iterable[Connection]) -> None:
    """Cuts the connections with the largest unsent answers, if more than `MAX_UNSENT` bytes are unsent together."""
    unsent = [(connection.transport.get_write_buffer_size(), connection) for connection in connections]
    total = sum(size for size, _ in unsent)
    for size, connection in sorted(unsent, key=lambda entry: entry[0], reverse=True):
        if total <= MAX_UNSENT:
            return
        connection.cut(Phase.SENDING)
        total -= size
