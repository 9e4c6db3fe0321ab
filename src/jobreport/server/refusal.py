"""The answer to a request that never reaches the application, because its bytes break a rule of HTTP or a limit."""

from typing import NamedTuple

from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from jobreport.server.headers import NOTHING, SECURITY, STRICT_TRANSPORT
from jobreport.server.problem import MEDIA_TYPE, RETRY_SECONDS, Problem, ProblemError, problem_body


class Refusal(NamedTuple):
    """The reason why a request is refused: the status and the sentence for the client, and a few words for the log."""

    status: int
    detail: str
    reason: str


def response(refusal: Refusal, request_id: str, shape: type[Problem], scheme: str | None) -> bytes:
    """Returns the whole answer as bytes. The connection is closed after it. `scheme`: http or https."""
    body = problem_body(ProblemError(refusal.status, refusal.detail), request_id, shape)
    fields = [
        (b"content-type", MEDIA_TYPE.encode()),
        (b"content-length", b"%d" % len(body)),
        (b"request-id", request_id.encode()),
        (b"cache-control", b"no-store"),
        *SECURITY,
        NOTHING,
        *((STRICT_TRANSPORT,) if scheme == "https" else ()),
        *(((b"retry-after", b"%d" % RETRY_SECONDS),) if refusal.status == 503 else ()),
        (b"connection", b"close"),
    ]
    lines = [name + b": " + value + b"\r\n" for name, value in fields]
    return b"".join([STATUS_LINE[refusal.status], *lines, b"\r\n", body])
