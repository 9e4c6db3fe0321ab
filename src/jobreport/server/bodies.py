"""Reading the body of a request: what kind it may be, how long, and how much of memory it may take."""

import re
from typing import Final

from starlette.requests import ClientDisconnect, Request

from jobreport.server import body_budget
from jobreport.server.problem import RETRY_SECONDS, ProblemError

_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
"""Editors write one before a text in UTF-8. It is passed over (contract; RFC 8259 §8.1 allows that)."""
_JSON: Final = re.compile(r"application/([a-z0-9!#$&^_.+-]+\+)?json|text/json")


def _field(request: Request, name: bytes) -> str:
    """The first header field of this name; empty where there is none."""
    for given, value in request.scope["headers"]:
        if given == name:
            return str(value, "latin-1")
    return ""


def media_type(request: Request) -> str:
    """The media type of the body in lower case and without parameters; empty where none is named."""
    return _field(request, b"content-type").partition(";")[0].strip().lower()


def require_json(request: Request) -> None:
    """ProblemError 415 for a body that says it is no JSON, or that is compressed (contract, "content types")."""
    kind = media_type(request)
    if kind and not _JSON.fullmatch(kind):
        raise ProblemError(415, "The body must be application/json.")
    refuse_encoding(request)


def refuse_encoding(request: Request) -> None:
    """ProblemError 415 for a compressed body: what it unpacks to cannot be bounded beforehand."""
    if _field(request, b"content-encoding").strip().lower() not in ("", "identity"):
        raise ProblemError(415, "The body must not be compressed: leave Content-Encoding out.")


async def read(request: Request, limit: int) -> bytes:
    """The body, if it has at most `limit` bytes; ProblemError 413 otherwise, before the rest is taken in, and 503
    where there is no room for it beside others.
    """
    declared = _field(request, b"content-length")
    if declared.isascii() and declared.isdigit() and int(declared) > limit:
        raise _too_large(limit)
    message = await request.receive()
    if message["type"] == "http.request" and not message.get("more_body", False):
        whole: bytes = message.get("body", b"")
        if len(whole) > limit:
            raise _too_large(limit)
        return whole.removeprefix(_BYTE_ORDER_MARK)
    found = bytearray()
    while True:
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        found += message.get("body", b"")
        if len(found) > limit:
            raise _too_large(limit)
        if not body_budget.hold(request.scope, len(found)):
            raise ProblemError(
                503,
                "The large bodies that are being received, yours among them, leave no room for this one.",
                headers={"Retry-After": str(RETRY_SECONDS)},
            )
        if not message.get("more_body", False):
            return bytes(found).removeprefix(_BYTE_ORDER_MARK)
        message = await request.receive()


def _too_large(limit: int) -> ProblemError:
    return ProblemError(413, f"The body is larger than {limit} bytes.")
