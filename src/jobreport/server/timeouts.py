"""The connections of a worker in; those that take too long, cut off, out. A request costs nothing."""

import asyncio
from collections.abc import Iterable
from enum import Enum
from typing import Any, Final, Protocol
from weakref import WeakSet

BEAT: Final = 1.0
"""Seconds between two looks."""
HEAD_SECONDS: Final = 10
"""From the connection, or the first byte of a request, until its head is complete."""
IDLE_SECONDS: Final = 10
"""A connection without a request. The server itself closes one five seconds after its last answer."""
BODY_SECONDS: Final = 20
"""A body may take so long, and longer as long as it comes at `MIN_RATE`."""
REST_SECONDS: Final = 5
"""A body that nobody wants, as its request is answered."""
SEND_SECONDS: Final = 20
"""A receiver must take `SENT` bytes in so long."""
CLOSE_SECONDS: Final = 5
"""What is closed must be gone."""
MIN_RATE: Final = 4096
"""Bytes a second of a body."""
SENT: Final = 64 * 1024
"""Bytes of an answer."""
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
    Phase.IDLE: IDLE_SECONDS,
    Phase.REST: REST_SECONDS,
    Phase.CLOSING: CLOSE_SECONDS,
}


class Spell:
    """How long a connection has been in a phase of one request, as far as was looked."""

    __slots__ = ("mark", "phase", "request", "since")

    def __init__(self) -> None:
        self.phase: Phase | None = None
        self.request: object = None
        self.since = 0.0
        self.mark = 0
        """Bytes received when it began, or left to send."""


class Connection(Protocol):
    """What is looked at."""

    spell: Spell
    received: int
    cycle: Any
    transport: asyncio.Transport

    @property
    def phase(self) -> Phase:
        """What it waits for now."""
        ...

    def cut(self, phase: Phase) -> None:
        """Ends it."""
        ...


_watched: Final[WeakSet[Any]] = WeakSet()
"""The loops in which somebody looks."""


def watch(loop: asyncio.AbstractEventLoop, connections: Iterable[Any]) -> None:
    """Looks at `connections`, a set that changes, as long as there are any."""
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
    """Cuts the connection off where its time is over; `now` in seconds."""
    spell, phase = connection.spell, connection.phase
    unsent = connection.transport.get_write_buffer_size()
    if phase is not spell.phase or connection.cycle is not spell.request:
        spell.phase, spell.request, spell.since = phase, connection.cycle, now
        spell.mark = unsent if phase is Phase.SENDING else connection.received
        return
    allowed = _SECONDS[phase]
    if phase is Phase.BODY:
        allowed += (connection.received - spell.mark) / MIN_RATE
    elif phase is Phase.SENDING and not spell.mark - SENT < unsent <= spell.mark:
        spell.mark, spell.since = unsent, now  # it takes something
    if now - spell.since >= allowed:
        connection.cut(phase)


def relieve(connections: Iterable[Connection]) -> None:
    """Cuts the largest unsent answers off, as far as there is more of them than memory was meant for."""
    unsent = [(connection.transport.get_write_buffer_size(), connection) for connection in connections]
    total = sum(size for size, _ in unsent)
    for size, connection in sorted(unsent, key=lambda entry: entry[0], reverse=True):
        if total <= MAX_UNSENT:
            return
        connection.cut(Phase.SENDING)
        total -= size
