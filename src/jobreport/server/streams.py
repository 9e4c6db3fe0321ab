"""Sends long answers while they are made, so that they take little memory however long they are.

A thread makes the answer, and waits until one part is being sent before it makes the next. If anything fails, the
connection is cut without the final chunk: a client that receives the end has received the whole answer.
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
"""The time, in seconds, after which an answer is cut if the client does not read."""
PIECE: Final = 256 * 1024
"""The largest piece, in bytes, that is sent. The client must read that much within `STALLED_SECONDS`."""

_TEXT: Final = re.compile(r"text/|application/(.*[+-])?(json|ndjson)")
"""The media types that are compressed: texts."""

_log = structlog.get_logger()


class BrokenOffError(Exception):
    """Raised in the thread that makes an answer when the client has gone; the work has to end."""


class Link:
    """Passes the answer from the thread that makes it to the client."""

    def __init__(self, send: Send, compressor: Any, *, vary: bool) -> None:
        self._send, self._loop = send, asyncio.get_running_loop()
        self._compressor, self._vary = compressor, vary
        self._waiting: Future[None] | None = None
        self._gone, self._ended = "", False
        self.begun = False
        """Whether the status was sent."""

    def start(self, headers: Mapping[str, str]) -> None:
        """Sends the status and the headers. From here on, the answer is either sent as a whole or cut."""
        raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        if not _TEXT.match(headers["Content-Type"]):
            self._compressor = None  # the format is compressed already
        if self._vary:
            raw.append((b"vary", b"Accept-Encoding"))
        if self._compressor is not None:
            raw.append((b"content-encoding", b"gzip"))
        self.begun = True
        self._send_message({"type": "http.response.start", "status": 200, "headers": raw})

    def piece(self, body: bytes) -> None:
        """Sends a piece of the body. Raises BrokenOffError if the client has gone."""
        self.check()
        if self._compressor is not None:
            body = self._compressor.compress(body)
        for at in range(0, len(body), PIECE):
            self._send_message({"type": "http.response.body", "body": body[at : at + PIECE], "more_body": True})

    def end(self) -> None:
        """Ends the answer, which is now whole."""
        self._ended = True
        rest = self._compressor.flush() if self._compressor is not None else b""
        self._send_message({"type": "http.response.body", "body": rest, "more_body": False})

    def check(self) -> None:
        """Raises BrokenOffError if the client has gone."""
        if self._gone:
            raise BrokenOffError(self._gone)

    def leave(self, why: str) -> None:
        """Makes the work end, if it has not ended yet. Called on the event loop."""
        if self._ended:
            return  # the server reports a disconnect also if the client got the whole answer
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
    """An answer that `work` makes in a thread of `kind`. If `work` raises before it has started the answer, an ordinary
    error is sent.

    `begin` is called before `work` and may refuse the request; `done` is called after it, in that thread.
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
        """Compresses the answer with zlib's `compressor`, unless that is None. Adds `Vary`, since the answer depends on
        the request.
        """
        self._vary, self._compressor = True, compressor

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends the answer (ASGI). Raises ProblemError 426 for HTTP/1.0: it has no chunks (RFC 9112 §6.1), so that a
        client could not tell a cut answer from a whole one.
        """
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
    """Waits until the client has gone, since sending does not report that."""
    while (await receive())["type"] != "http.disconnect":
        pass
    link.leave("the client is gone")


def _tell(scope: Scope, error: Exception) -> None:
    """Logs why the answer was cut."""
    reason = str(error) if isinstance(error, BrokenOffError) else as_problem(error).detail
    _log.warning("answer cut off", request_id=scope["request_id"], reason=reason)
