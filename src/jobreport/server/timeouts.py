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
"""Seconds between two looks."""
HEAD_SECONDS: Final = 10
"""From the connection, or the first byte of a request, until its head is complete."""
KEEP_ALIVE_SECONDS: Final = 75
"""A connection between two requests, where `serve` is not told otherwise. Proxies keep theirs for 60 seconds: the one
who reuses connections must be the first to close them, or else sends a request into one that is being closed."""
BODY_SECONDS: Final = 20
"""Each `BODY_BYTES` of a body must come within so long, and so must its end."""
MIN_RATE: Final = 4096
"""Bytes a second of a body, over `BODY_SECONDS`."""
BODY_BYTES: Final = MIN_RATE * BODY_SECONDS
REST_SECONDS: Final = 5
"""A body that nobody wants, as its request is answered."""
SEND_SECONDS: Final = 20
"""A receiver must take `SENT` bytes in so long."""
SENT: Final = 64 * 1024
"""Bytes of an answer."""
CLOSE_SECONDS: Final = 5
"""What is closed must be gone."""
MAX_UNSENT: Final = 256 * 1024 * 1024
"""Bytes of a worker's answers that nobody has taken yet; beyond it, the largest of them are cut off."""


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
        """Bytes received, or left to send, at that time."""


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
"""The event loops in which the look is planned."""


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
