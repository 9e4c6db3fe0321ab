"""Speaks HTTP/1.1 on one connection: a fast parser with limits, and refusals in the API's one error shape.

It extends uvicorn's protocol for the parser `httptools`, and overrides private parts of it: `pyproject.toml` therefore
names the newest uvicorn that this was tested with.
"""

import asyncio
import time
import uuid
from typing import Any, Final
from urllib.parse import unquote

import httptools
import structlog
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from jobreport.server import framing
from jobreport.server.closing import PatientTransport
from jobreport.server.connections import MAX_CONNECTIONS, make_room
from jobreport.server.problem import Problem
from jobreport.server.refusal import Refusal, response
from jobreport.server.timeouts import Phase, PhaseTimer, watch

MAX_PIPELINED: Final = 16
"""The most requests of a connection that wait for the answer to an earlier one (pipelining)."""
_MAX_UNUSED: Final = 64 * 1024
"""The most bytes of trailers, or of chunk headers, that may arrive without a byte of the body itself."""

CUT: Final = "cut"
"""The key in a request's state. Its value is a function that cuts the connection; nothing more is sent."""
PROBLEMS: Final = "problems"
"""The key in the application's state. Its value has the paths whose errors have a shape of their own."""

_log = structlog.get_logger("jobreport.request")

_NO_HTTP: Final = Refusal(400, "This is not a valid HTTP request.", "no valid HTTP")
_TRAILERS: Final = Refusal(400, "The body has too much around it that is not the body.", "trailers too large")
_SLOW: Final = Refusal(408, "The request took too long to arrive.", "too slow")
_FULL: Final = Refusal(503, "The server has as many connections as it can serve.", "too many connections")
_PIPELINED: Final = Refusal(400, f"More than {MAX_PIPELINED} requests wait for an answer.", "too many pipelined")
_TUNNEL: Final = Refusal(400, "The server is no proxy: it opens no tunnels.", "tunnel asked for")


class _RefusedError(Exception):
    """Raised inside the parser to stop it."""


class Protocol(HttpToolsProtocol):
    """One connection of a client.

    While data arrives, this class only counts. How long anything may take is checked once a second for all connections
    of a worker (`timeouts`), so that no request needs a timer.
    """

    def __init__(self, config: Any, server_state: ServerState, app_state: dict[str, Any], _loop: Any = None) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.received = 0
        """The number of bytes received so far."""
        self.keep_alive = float(config.timeout_keep_alive)
        """The seconds that the connection may stay idle between two requests."""
        self.began = time.monotonic()
        self.timer = PhaseTimer()
        self._answering: RequestResponseCycle | None = None  # what the application handles now, or handled last
        self._in_head = False
        self._url_complete = False  # whether the whole target of the current head has arrived
        self._head = 0  # the bytes that arrived before the head was complete, perhaps with some of the body
        self._unused = 0
        self._body_line: bytes | None = None  # of a request that asked for another protocol; see `_resume`
        self._resuming = False
        self._refusal: Refusal | None = None
        self._deferred: type[Problem] | None = None  # the shape of a refusal that waits for earlier answers

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # uvicorn says: asyncio calls it with no other
        """Accepts the connection; if there are too many, closes waiting ones to make room, or refuses it."""
        super().connection_made(transport)
        if len(self.connections) > MAX_CONNECTIONS and not make_room(self, self.connections):
            self._refuse(_FULL)
        watch(self.loop, self.connections)

    def connection_lost(self, exc: Exception | None) -> None:
        """Tells the application that the client is gone, and forgets the requests that wait.

        The base class tells only the last request, which may be a waiting one.
        """
        self.pipeline.clear()
        if self._working:
            self._disconnect(self._answering)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Passes the data to the parser, as long as it is within the limits."""
        if self._refusal:
            return
        size, before = len(data), self.cycle
        follows = self._in_head
        self.received += size
        self._head = self._head + size if follows else size
        self._unused += size
        try:
            self._feed(data)
        except httptools.HttpParserError:
            self._look(data)
            self._refuse(self._refusal or _NO_HTTP)
            return
        if self._in_head:
            self._look(data)
            # While a request with a body is handled, it is unclear which bytes belong to the head of the next request.
            if self._head > framing.MAX_HEAD and (follows or before is None or before.response_complete):
                self._refuse(framing.too_long(self.url))
        elif self._unused > _MAX_UNUSED:
            self._unused = 0
            if self.cycle is not None and self.cycle.more_body:
                self._refuse(_TRAILERS)

    def on_message_begin(self) -> None:
        """Called by the parser when a request begins. Lets the application cut the connection within an answer."""
        super().on_message_begin()
        # An ordinary close first sends the buffer. If the client has stopped reading, that would never end.
        self.scope["state"][CUT] = self.transport.abort
        self._in_head, self._url_complete = True, False

    def on_headers_complete(self) -> None:
        """Called by the parser when the head of a request is complete: refuses it, or hands it to the application."""
        if not self._resuming:
            self._check_head()
            super().on_headers_complete()
            if not self.cycle.keep_alive:
                patient = PatientTransport(self.transport, self.cycle)
                self.cycle.transport = patient  # type: ignore[assignment]  # it has what the cycle calls, and no more
        self._in_head = False
        self._unused = 0
        self.headers = framing.DROPPED

    def on_body(self, body: bytes) -> None:
        """Called by the parser with a part of a body."""
        self._unused = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Called by the parser when a request ends."""
        if self._body_line is None:  # otherwise the body is still to be read
            # The base class does not do this if the answer was sent before the end of the body.
            self.cycle.more_body = False
            super().on_message_complete()
            if self.cycle.response_complete and not self.cycle.keep_alive:
                self.transport.close()

    def on_response_complete(self) -> None:
        """Called when an answer has been sent: begins the next request, or refuses what came after the last request.

        Unlike the base class, it sets no timer for an idle connection; `timeouts` does that.
        """
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())
        elif self._refusal is not None and self._deferred is not None:
            self._send_refusal(self._refusal, self._deferred)

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
        """Ends a connection that took too long in `phase`, and tells the client why if it may still listen."""
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

    @property
    def _working(self) -> bool:
        """Whether the application has a request that it has not answered."""
        return self._answering is not None and not self._answering.response_complete

    def _feed(self, data: bytes) -> None:
        while True:
            try:
                self.parser.feed_data(data)
            except httptools.HttpParserUpgrade as upgrade:
                data = data[upgrade.args[0] :]
                self._resume()
            else:
                return

    def _resume(self) -> None:
        """Continues after the head of a request that asked for another protocol.

        Only HTTP/1.1 is spoken here, so that wish is ignored and the request handled (RFC 9110 §7.8). But the parser
        takes the end of such a head for the end of the request. A new parser, which is told only how the body is
        delimited, reads the body and the requests after it.
        """
        self.parser = httptools.HttpRequestParser(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)
        url, body_line = self.url, self._body_line or b""
        self._body_line, self._resuming = None, True
        self.parser.feed_data(b"POST / HTTP/1.1\r\n" + body_line + b"\r\n")
        self._resuming, self.url = False, url

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        self._answering = cycle
        super()._start_asgi_task(cycle, app)

    def _check_head(self) -> None:
        """Stops the parser if a head exceeds a limit, or can be understood in more than one way."""
        version = self.parser.get_http_version()
        if self.transport.is_closing():
            self._stop(_NO_HTTP)
        if refusal := framing.refusal(version, self.url, self.headers, received=self._head):
            self._stop(refusal)
        if len(self.pipeline) >= MAX_PIPELINED:
            self._stop(_PIPELINED)
        if version == "1.0":
            self.expect_100_continue = False  # a client of HTTP/1.0 cannot know the answer 100 (RFC 9110 §10.1.1)
        if self.parser.should_upgrade():
            if self.parser.get_method() == b"CONNECT":
                self._stop(_TUNNEL)
            self._body_line = framing.body_line(self.headers)

    def _look(self, data: bytes) -> None:
        """Notes how much of a head came with `data`, the last bytes: an unfinished address is at their end."""
        self._url_complete = self._url_complete or not (data.endswith(self.url) or self.url.endswith(data))

    def _error_shape(self, *, known: bool) -> type[Problem]:
        """Returns the shape of errors for the requested path. `known`: the path has arrived as a whole."""
        if not (known or (self._in_head and (self._url_complete or b"?" in self.url))):
            return Problem
        try:
            path = httptools.parse_url(self.url.partition(b"?")[0]).path or b""
        except httptools.HttpParserError:
            return Problem
        found: type[Problem] = self.app_state.get(PROBLEMS, {}).get(unquote(path), Problem)
        return found

    def _stop(self, refusal: Refusal) -> None:
        self._refusal = refusal
        raise _RefusedError(refusal.reason)

    def _refuse(self, refusal: Refusal) -> None:
        """Accepts nothing more from the connection, answers with the refusal and closes.

        Requests that came before the refused one are answered first. The application never sees the refused one, or is
        told that its client is gone.
        """
        self._refusal = refusal
        if self.transport.is_closing():
            return
        cycle = self.cycle
        in_body = cycle is not None and cycle.more_body and not cycle.response_complete
        if not self._working:
            if cycle is not None and cycle.more_body:  # it was answered before its end, and is not answered again
                self.transport.abort()
            else:
                self._send_refusal(refusal, self._error_shape(known=False))
        elif not in_body or cycle is not self._answering:
            self._deferred = self._error_shape(known=in_body)
            if in_body:  # the request still waits and will not be answered
                self.pipeline.popleft()
                self.cycle = self._answering  # type: ignore[assignment]  # somebody is worked for: it is not None
        elif cycle.response_started:
            self.transport.abort()  # an answer has already begun, so no other can be sent
        else:
            self._send_refusal(refusal, self._error_shape(known=True))
            self._disconnect(cycle)

    def _send_refusal(self, refusal: Refusal, shape: type[Problem]) -> None:
        request_id = str(uuid.uuid4())
        self.transport.write(response(refusal, request_id, shape, self.scheme))
        self.transport.close()
        address = self.client[0] if self.client else None
        _log.info("request", request_id=request_id, status=refusal.status, address=address, reason=refusal.reason)

    @staticmethod
    def _disconnect(cycle: RequestResponseCycle | None) -> None:
        """Tells the application, which may wait for the rest of a body, that the client is gone."""
        if cycle is not None:
            cycle.disconnected = True
            cycle.message_event.set()
