"""Bytes that are no HTTP request in; the API's one error shape, with a request ID and a log line, out."""

import uuid
from typing import Final

import structlog
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from jobreport.api.problem import MEDIA_TYPE, ProblemError, problem_body

CUT: Final = "cut"
"""Names, in the state of a request, what ends its connection at once, with nothing more sent."""

_log = structlog.get_logger("jobreport.request")


class Protocol(HttpToolsProtocol):
    """The server's HTTP parser, with our words for what it cannot read, and a way to cut a connection."""

    def on_message_begin(self) -> None:
        """A request begins; who answers it may cut it off, so that nobody takes a part for the whole."""
        super().on_message_begin()
        # Closing would first send what is in the buffer, for which a client that has stopped reading leaves no room.
        self.scope["state"][CUT] = self.transport.abort

    def send_400_response(self, msg: str) -> None:
        """Answers and closes; the application never sees such a request."""
        request_id = str(uuid.uuid4())
        body = problem_body(ProblemError(400, "This is not a valid HTTP request."), request_id)
        head = (
            "HTTP/1.1 400 Bad Request\r\n"
            f"content-type: {MEDIA_TYPE}\r\ncontent-length: {len(body)}\r\n"
            f"request-id: {request_id}\r\nx-content-type-options: nosniff\r\n"
            "cache-control: no-store\r\nconnection: close\r\n\r\n"
        )
        self.transport.write(head.encode("ascii") + body)
        self.transport.close()
        address = self.client[0] if self.client else None
        _log.info("request", request_id=request_id, status=400, address=address, reason="no valid HTTP")
