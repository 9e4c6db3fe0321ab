"""Bytes of a connection in; requests within limits, or a refusal in the API's one error shape, out."""

import asyncio
import time
import uuid
from collections import Counter
from typing import Any, Final, NamedTuple
from urllib.parse import unquote

import httptools
import structlog
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol
from uvicorn.server import ServerState

from jobreport.server.headers import NOTHING, SECURITY, STRICT_TRANSPORT
from jobreport.server.problem import MEDIA_TYPE, RETRY_SECONDS, Problem, ProblemError, problem_body
from jobreport.server.timeouts import Phase, Spell, watch

MAX_HEAD: Final = 80 * 1024
"""Bytes of a request's line and header fields together."""
MAX_FIELDS: Final = 100
"""Header fields of a request."""
MAX_URL: Final = 62 * 1024
"""Bytes of a request's target: the longest question, which the query language bounds, and little more."""
MAX_PIPELINED: Final = 16
"""Requests of a connection that wait for the answer to an earlier one."""
MAX_CONNECTIONS: Final = 1_000
"""Connections of a worker; beyond it, those that wait make room."""
_ROOM: Final = MAX_CONNECTIONS // 20
"""How many make room at once."""
_MAX_UNUSED: Final = 64 * 1024
"""Bytes of trailers, or of frames around a body, that may come without a byte of the body."""

CUT: Final = "cut"
"""Names, in the state of a request, what ends its connection at once, with nothing more sent."""
PROBLEMS: Final = "problems"
"""Names, in the state of the application, the shape of errors of each path that has one of its own."""

_log = structlog.get_logger("jobreport.request")


class _Refusal(NamedTuple):
    status: int
    detail: str
    reason: str


_NO_HTTP: Final = _Refusal(400, "This is not a valid HTTP request.", "no valid HTTP")
_LONG_HEAD: Final = _Refusal(
    431, f"The request has more than {MAX_FIELDS} header fields, or {MAX_HEAD} bytes of them.", "header too large"
)
_LONG_URL: Final = _Refusal(414, f"The address of a request has at most {MAX_URL} bytes.", "address too long")
_TRAILERS: Final = _Refusal(400, "The body has too much around it that is not the body.", "trailers too large")
_SLOW: Final = _Refusal(408, "The request took too long to arrive.", "too slow")
_FULL: Final = _Refusal(503, "The server has as many connections as it can serve.", "too many connections")
_PIPELINED: Final = _Refusal(400, f"More than {MAX_PIPELINED} requests wait for an answer.", "too many pipelined")


class _RefusedError(Exception):
    """Raised inside the parser, which then stops."""


class _Dropped(list[Any]):
    """Where trailers go: nobody here asks for them."""

    def append(self, _field: object) -> None:
        """Keeps nothing."""


_DROPPED: Final = _Dropped()


class Protocol(HttpToolsProtocol):
    """The server's HTTP parser with limits of ours, whatever the parser allows, and with our words for a refusal.

    It only counts. How long anything may take is judged once a second for all connections of a worker (`patience`),
    so that a request costs no timer.
    """

    def __init__(self, config: Any, server_state: ServerState, app_state: dict[str, Any], _loop: Any = None) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.received = 0
        """Bytes, in all."""
        self.began = time.monotonic()
        self.spell = Spell()
        self._in_head = False
        self._asked = False
        """Whether, of the head that comes, all of the address is there."""
        self._head = 0  # bytes that came while the head was not complete, perhaps with some of the body
        self._unused = 0
        self._refusal: _Refusal | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # uvicorn says: asyncio calls it with no other
        """Takes the connection, or makes room for it among those that wait, or refuses it."""
        super().connection_made(transport)
        if len(self.connections) > MAX_CONNECTIONS and not self._make_room():
            self._refuse(_FULL)
        watch(self.loop, self.connections)

    def data_received(self, data: bytes) -> None:
        """Feeds the parser, as long as it is fed in measure."""
        if self._refusal:
            return
        self._unset_keepalive_if_required()
        size, before = len(data), self.cycle
        follows = self._in_head
        self.received += size
        self._head = self._head + size if follows else size
        self._unused += size
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            pass  # the request is answered as if it had not asked for another protocol
        except httptools.HttpParserError:
            self._look(data)
            self._refuse(self._refusal or _NO_HTTP)
            return
        if self._in_head:
            self._look(data)
            # Behind the body of a request in hand, nobody knows which of the bytes are of the next one's head.
            if self._head > MAX_HEAD and (follows or before is None or before.response_complete):
                self._refuse(_LONG_URL if len(self.url) > MAX_URL else _LONG_HEAD)
        elif self._unused > _MAX_UNUSED:
            self._unused = 0
            if self.cycle is not None and self.cycle.more_body:
                self._refuse(_TRAILERS)

    def on_message_begin(self) -> None:
        """The parser's word that a request begins; who answers it may cut it off, so that a part is not the whole."""
        super().on_message_begin()
        # Closing would first send what is in the buffer, for which a client that has stopped reading leaves no room.
        self.scope["state"][CUT] = self.transport.abort
        self._in_head, self._asked = True, False

    def on_headers_complete(self) -> None:
        """The parser's word that the head of a request is whole."""
        if len(self.url) > MAX_URL:
            self._stop(_LONG_URL)
        if len(self.headers) > MAX_FIELDS or (self._head > MAX_HEAD and self._size() > MAX_HEAD):
            self._stop(_LONG_HEAD)
        if len(self.pipeline) >= MAX_PIPELINED:
            self._stop(_PIPELINED)
        super().on_headers_complete()
        self._in_head = False
        self._unused = 0
        self.headers = _DROPPED

    def on_body(self, body: bytes) -> None:
        """The parser's word that some of a body is there."""
        self._unused = 0
        super().on_body(body)

    @property
    def phase(self) -> Phase:
        """What the connection waits for."""
        cycle = self.cycle
        if self.transport.get_write_buffer_size():
            return Phase.SENDING
        if self.transport.is_closing():
            return Phase.CLOSING
        if cycle is None or (cycle.response_complete and self._in_head):
            return Phase.HEAD
        if cycle.response_complete:
            return Phase.REST if cycle.more_body else Phase.IDLE
        return Phase.BODY if cycle.more_body and not self.flow.read_paused else Phase.WORK

    def cut(self, phase: Phase) -> None:
        """Ends the connection, which took too long in `phase`; says so where anybody may hear it."""
        asked = self._in_head or phase is Phase.BODY
        if phase is Phase.SENDING:
            self.transport.abort()
            address = self.client[0] if self.client else None
            _log.info("answer not taken", address=address, reason="receiver too slow")
        elif phase is Phase.CLOSING:
            self.transport.abort()
        elif asked:
            self._refuse(_SLOW)
        else:
            self.transport.close()

    def send_400_response(self, msg: str) -> None:
        """The base class's way to refuse; never `msg`, which is the parser's."""
        self._refuse(_NO_HTTP)

    def _size(self) -> int:
        """Bytes of the head's fields, with the four that separate each."""
        return len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)

    def _look(self, data: bytes) -> None:
        """Takes note of what of a head came with `data`, the last bytes: an address that goes on is their end."""
        self._asked = self._asked or not (data.endswith(self.url) or self.url.endswith(data))

    def _shape(self, *, working: bool) -> type[Problem]:
        """The shape of errors of what is asked for, where that is known."""
        if not (working or (self._in_head and (self._asked or b"?" in self.url))):
            return Problem
        try:
            path = httptools.parse_url(self.url.partition(b"?")[0]).path or b""
        except httptools.HttpParserError:
            return Problem
        found: type[Problem] = self.app_state.get(PROBLEMS, {}).get(unquote(path), Problem)
        return found

    def _stop(self, refusal: _Refusal) -> None:
        self._refusal = refusal
        raise _RefusedError(refusal.reason)

    def _refuse(self, refusal: _Refusal) -> None:
        """Answers and closes; the application never sees such a request, or loses it."""
        self._refusal = refusal
        cycle = self.cycle
        working = cycle is not None and not cycle.response_complete
        if (working and (cycle.response_started or self._in_head)) or (refusal is _TRAILERS and not working):
            # An answer is under way, or was given: nothing may be said into it.
            self.transport.abort()
            return
        request_id = str(uuid.uuid4())
        body = problem_body(ProblemError(refusal.status, refusal.detail), request_id, self._shape(working=working))
        lines = [STATUS_LINE[refusal.status]]
        fields = [
            (b"content-type", MEDIA_TYPE.encode()),
            (b"content-length", b"%d" % len(body)),
            (b"request-id", request_id.encode()),
            (b"cache-control", b"no-store"),
            *SECURITY,
            NOTHING,
            *((STRICT_TRANSPORT,) if self.scheme == "https" else ()),
            *(((b"retry-after", b"%d" % RETRY_SECONDS),) if refusal.status == 503 else ()),
            (b"connection", b"close"),
        ]
        lines += [name + b": " + value + b"\r\n" for name, value in fields]
        self.transport.write(b"".join([*lines, b"\r\n", body]))
        self.transport.close()
        if working:  # the application waits for the rest of the body
            cycle.disconnected = True
            cycle.message_event.set()
        address = self.client[0] if self.client else None
        _log.info("request", request_id=request_id, status=refusal.status, address=address, reason=refusal.reason)

    def _make_room(self) -> bool:
        """Closes some of the connections that wait, first those of the address with the most; False where none does.

        So who opens many and leaves them open loses his own, and others are served.
        """
        waiting: list[Protocol] = [
            other
            for other in self.connections
            if isinstance(other, Protocol) and other is not self and other.phase in (Phase.HEAD, Phase.IDLE, Phase.REST)
        ]
        owned = Counter(other.client[0] if other.client else "" for other in waiting)
        waiting.sort(key=lambda other: (-owned[other.client[0] if other.client else ""], other.began))
        for other in waiting[:_ROOM]:
            other.transport.close()
        return bool(waiting)
