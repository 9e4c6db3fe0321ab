"""Long answers that are made while they are sent, so that they take little memory however long they are.

A thread makes them, and waits until one part is on its way before it makes the next. Where anything breaks off, the
connection is cut without an end: a client that gets an end has got the whole.
"""

import asyncio
import re
from collections.abc import Callable, Mapping
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from contextlib import suppress
from typing import Any, Final

import structlog
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from jobreport.server.problem import ProblemError, as_problem
from jobreport.server.protocol import CUT
from jobreport.threads import in_thread

STALLED_SECONDS: Final = 30
"""How long a client may leave no room for the next piece."""
PIECE: Final = 256 * 1024
"""The most bytes that are sent at once: a client must take that much in `STALLED_SECONDS`."""

_TEXT: Final = re.compile(r"text/|application/(.*[+-])?(json|ndjson)")
"""Media types that are worth to be compressed."""

_log = structlog.get_logger()


class BrokenOffError(Exception):
    """Nobody takes the answer any more; the work has to end."""


class Link:
    """The way from the work in its thread to the client."""

    def __init__(self, send: Send, compressor: Any, *, vary: bool) -> None:
        self._send, self._loop = send, asyncio.get_running_loop()
        self._compressor, self._vary = compressor, vary
        self._waiting: Future[None] | None = None
        self._gone, self._ended = "", False
        self.begun = False
        """Whether the client was told a status."""

    def start(self, headers: Mapping[str, str]) -> None:
        """The status and the headers: from here on the answer is whole or cut."""
        raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        if not _TEXT.match(headers["Content-Type"]):
            self._compressor = None  # it is compressed by itself
        if self._vary:
            raw.append((b"vary", b"Accept-Encoding"))
        if self._compressor is not None:
            raw.append((b"content-encoding", b"gzip"))
        self.begun = True
        self._send_message({"type": "http.response.start", "status": 200, "headers": raw})

    def piece(self, body: bytes) -> None:
        """More of the body; BrokenOffError where nobody takes it."""
        self.check()
        if self._compressor is not None:
            body = self._compressor.compress(body)
        for at in range(0, len(body), PIECE):
            self._send_message({"type": "http.response.body", "body": body[at : at + PIECE], "more_body": True})

    def end(self) -> None:
        """The answer is whole."""
        self._ended = True
        rest = self._compressor.flush() if self._compressor is not None else b""
        self._send_message({"type": "http.response.body", "body": rest, "more_body": False})

    def check(self) -> None:
        """BrokenOffError where nobody takes the answer any more."""
        if self._gone:
            raise BrokenOffError(self._gone)

    def leave(self, why: str) -> None:
        """Makes the work end, unless it has; called on the event loop."""
        if self._ended:
            return  # of a client that got all, the server says that it is gone as well
        self._gone = self._gone or why
        if self._waiting:
            self._waiting.cancel()

    def _send_message(self, message: Message) -> None:
        self.check()
        waiting = self._waiting = asyncio.run_coroutine_threadsafe(self._sent_in_time(message), self._loop)
        try:
            self.check()  # the client may have left just before
            waiting.result()
        except CancelledError:
            raise BrokenOffError(self._gone) from None
        except TimeoutError:
            raise BrokenOffError(f"the client took nothing for {STALLED_SECONDS} s") from None

    async def _sent_in_time(self, message: Message) -> None:
        async with asyncio.timeout(STALLED_SECONDS):
            await self._send(message)


class Streamed(Response):
    """An answer that `work` makes in a thread of `kind`. What it raises before its start is answered as any error.

    `begin` is called before it and may refuse, `done` after it, in that thread.
    """

    def __init__(
        self,
        kind: ThreadPoolExecutor,
        work: Callable[[Link], None],
        begin: Callable[[], None],
        done: Callable[[], None],
    ) -> None:
        super().__init__()
        self._kind, self._work, self._begin, self._done = kind, work, begin, done
        self._vary, self._compressor = False, None

    def vary(self, compressor: Any) -> None:
        """Compresses the answer by zlib's `compressor`, where there is one; says that this depends on the request."""
        self._vary, self._compressor = True, compressor

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI. ProblemError 426 for HTTP/1.0, which has no chunks (RFC 9112 §6.1), so that a cut would be an end."""
        if scope["http_version"] < "1.1":
            raise ProblemError(
                426,
                "This answer takes HTTP/1.1 or newer: by HTTP/1.0 a part of it could not be told from the whole.",
                headers={"Upgrade": "HTTP/1.1", "Connection": "Upgrade"},
            )
        link = Link(send, self._compressor, vary=self._vary)
        self._begin()
        running = asyncio.ensure_future(in_thread(self._kind, self._worked, link))
        watch = asyncio.create_task(_until_gone(receive, link))
        try:
            await asyncio.shield(running)
        except asyncio.CancelledError:
            link.leave("the server stops")
            with suppress(Exception):
                await running
            raise
        except Exception as error:
            if not link.begun and not isinstance(error, BrokenOffError):
                raise
            _tell(scope, error)
            scope["state"][CUT]()
            await asyncio.wait({watch}, timeout=1)  # the server takes note of it
        finally:
            watch.cancel()

    def _worked(self, link: Link) -> None:
        try:
            self._work(link)
        finally:
            self._done()


async def _until_gone(receive: Receive, link: Link) -> None:
    """Waits until the client is gone, which sending does not tell."""
    while (await receive())["type"] != "http.disconnect":
        pass
    link.leave("the client is gone")


def _tell(scope: Scope, error: Exception) -> None:
    """Says in the log why the answer was cut."""
    reason = str(error) if isinstance(error, BrokenOffError) else as_problem(error).detail
    _log.warning("answer cut off", request_id=scope["request_id"], reason=reason)
