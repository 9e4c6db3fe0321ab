"""Reads the body of a request, and limits its media type, its length, and the memory that all bodies take together."""

import re
from typing import Final

from starlette.requests import ClientDisconnect, Request

from jobreport.server import body_budget
from jobreport.server.problem import RETRY_SECONDS, ProblemError

_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
"""Some editors write this mark before a text in UTF-8. It is skipped (contract; RFC 8259 §8.1 allows that)."""
_JSON: Final = re.compile(r"application/([a-z0-9!#$&^_.+-]+\+)?json|text/json")


def _field(request: Request, name: bytes) -> str:
    """Returns the first header field of this name; empty if there is none."""
    for given, value in request.scope["headers"]:
        if given == name:
            return str(value, "latin-1")
    return ""


def media_type(request: Request) -> str:
    """Returns the media type of the body in lower case and without parameters; empty if the request names none."""
    return _field(request, b"content-type").partition(";")[0].strip().lower()


def require_json(request: Request) -> None:
    """Raises ProblemError 415 if the request says that its body is not JSON or is compressed (contract, "content
    types").
    """
    kind = media_type(request)
    if kind and not _JSON.fullmatch(kind):
        raise ProblemError(415, "The body must be application/json.")
    refuse_encoding(request)


def refuse_encoding(request: Request) -> None:
    """Raises ProblemError 415 for a compressed body, since nobody can tell beforehand how long it is when unpacked."""
    # A list may stand in several fields (RFC 9110 §5.3), and each of its members is a coding.
    given = (str(value, "latin-1") for name, value in request.scope["headers"] if name == b"content-encoding")
    if any(coding.strip().lower() not in ("", "identity") for value in given for coding in value.split(",")):
        raise ProblemError(415, "The body must not be compressed: leave Content-Encoding out.")


async def read(request: Request, limit: int) -> bytes:
    """Returns the body. Raises ProblemError 413 if it is longer than `limit` bytes, before the rest is received, and
    503 if the memory for bodies is full.
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
    body = bytearray()
    while True:
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        body += message.get("body", b"")
        if len(body) > limit:
            raise _too_large(limit)
        if not body_budget.hold(request.scope, len(body)):
            raise ProblemError(
                503,
                "The large bodies that are being received, yours among them, leave no room for this one.",
                headers={"Retry-After": str(RETRY_SECONDS)},
            )
        if not message.get("more_body", False):
            return bytes(body).removeprefix(_BYTE_ORDER_MARK)
        message = await request.receive()


def _too_large(limit: int) -> ProblemError:
    return ProblemError(413, f"The body is larger than {limit} bytes.")
