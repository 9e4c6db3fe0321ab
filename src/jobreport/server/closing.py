"""Closes a connection so that the client gets the answer even if it is still sending its body (RFC 9112 §9.6).

If a connection is closed before everything was read, the operating system resets it. A client that was told that its
body is too large, or its token too old, would then see a broken connection and not the answer.
"""

import asyncio

from uvicorn.protocols.http.httptools_impl import RequestResponseCycle


class PatientTransport:
    """The transport of a request whose answer ends the connection. It closes in one direction at first.

    Its owner closes the connection itself when the rest of the body has come, or when that takes too long.
    """

    def __init__(self, transport: asyncio.Transport, cycle: RequestResponseCycle) -> None:
        self._transport, self._cycle = transport, cycle

    def is_closing(self) -> bool:
        """Whether the connection is being closed."""
        return self._transport.is_closing()

    def write(self, data: bytes) -> None:
        """Sends the data."""
        self._transport.write(data)

    def close(self) -> None:
        """Closes the connection; if some of the body has not come yet, only says that nothing more is sent."""
        if not self._cycle.more_body:
            self._transport.close()
        elif self._transport.can_write_eof():  # TLS cannot
            self._transport.write_eof()
