"""A request's body in, a JSON value out that is safe to work with; or the fault by its documented status."""

import json
import math
import re
from typing import Any, Final, NoReturn

from starlette.requests import ClientDisconnect, Request
from starlette.types import Scope

from jobreport.model.errors import InvalidInputError
from jobreport.server.problem import RETRY_SECONDS, ProblemError

MAX_HELD: Final = 64 * 1024 * 1024
"""Bytes of bodies that a process holds at once, received or in work; beyond it, 503."""
MAX_DEPTH: Final = 64
"""Arrays and objects within one another (contract, "hostile JSON")."""
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
"""Editors write one before a text in UTF-8. It is passed over (contract; RFC 8259 §8.1 allows that)."""
_SPACE: Final = re.compile(r"[ \t\n\r]*")
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
    """The body, if it has at most `limit` bytes; ProblemError 413 otherwise, before the rest is taken in."""
    declared = _field(request, b"content-length")
    if declared.isascii() and declared.isdigit() and int(declared) > limit:
        raise _too_large(limit)
    message = await request.receive()
    if message["type"] == "http.request" and not message.get("more_body", False):
        whole: bytes = message.get("body", b"")
        if len(whole) > limit:
            raise _too_large(limit)
        return whole.removeprefix(_BYTE_ORDER_MARK)
    found, room = bytearray(), request.scope.setdefault("room", _room.share())
    while True:
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        found += message.get("body", b"")
        if len(found) > limit:
            raise _too_large(limit)
        if not room.take(len(found)):
            raise ProblemError(
                503, "Too many large bodies are being received.", headers={"Retry-After": str(RETRY_SECONDS)}
            )
        if not message.get("more_body", False):
            return bytes(found).removeprefix(_BYTE_ORDER_MARK)
        message = await request.receive()


class _Share:
    """What one request holds of a room."""

    def __init__(self, room: "_Room") -> None:
        self._room, self._size = room, 0

    def take(self, size: int) -> bool:
        """Holds `size` bytes in all, where there is room for them."""
        if self._room.taken - self._size + size > MAX_HELD:
            return False
        self._room.taken += size - self._size
        self._size = size
        return True

    def leave(self) -> None:
        """Holds nothing any more."""
        self._room.taken -= self._size
        self._size = 0


class _Room:
    """The bytes of bodies that this process holds, those apart that came in one piece."""

    def __init__(self) -> None:
        self.taken = 0

    def share(self) -> _Share:
        """A share of it, of nothing yet."""
        return _Share(self)


_room: Final = _Room()


def release(scope: Scope) -> None:
    """Gives back what the request's body took; to be called when it was answered."""
    if (room := scope.get("room")) is not None:
        room.leave()


def _too_large(limit: int) -> ProblemError:
    return ProblemError(413, f"The body is larger than {limit} bytes.")


def parse(body: bytes) -> Any:
    """The JSON value of `body`. A name that is there twice has its later value, in the later place.

    InvalidInputError for what is not JSON (RFC 8259), and for texts and nesting that the contract refuses.
    """
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InvalidInputError.of("", f"the body is not UTF-8: byte {error.start} cannot be read") from None
    try:
        value, end = scan(text, _past_space(text, 0))
    except json.JSONDecodeError as error:
        raise _no_json(error) from None
    if (end := _past_space(text, end)) != len(text):
        raise _no_json(json.JSONDecodeError("Extra data", text, end))
    return value


def _past_space(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _no_json(error: json.JSONDecodeError) -> InvalidInputError:
    return InvalidInputError.of("", f"the body is not JSON: {error.msg} at line {error.lineno}, column {error.colno}")


def scan(text: str, at: int) -> tuple[Any, int]:
    """The JSON value that begins at `at`, and where it ends. JSONDecodeError where there is none; else as `parse`."""
    try:
        value, end = _DECODER.raw_decode(text, at)
    except json.JSONDecodeError:
        raise
    except RecursionError:
        raise InvalidInputError.of("", f"the body nests deeper than {MAX_DEPTH}") from None
    except ValueError as error:
        # The interpreter's own bound on the digits of an integer.
        reason = "a number has too many digits" if "digits" in str(error) else str(error)
        raise InvalidInputError.of("", f"the body is not JSON: {reason}") from None
    _inspect(value, MAX_DEPTH)
    return value, end


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        found.pop(name, None)
        found[name] = value
    return found


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"the number {text[:40]} is too large")
    return number


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


def _inspect(value: Any, depth: int) -> None:
    """InvalidInputError for a NUL or a lone surrogate in any text, and for nesting beyond `depth`."""
    if isinstance(value, str):
        if "\0" in value or not (value.isascii() or _is_unicode(value)):
            raise InvalidInputError.of("", "a text holds a NUL or half of a surrogate pair")
    elif isinstance(value, dict | list):
        if depth == 0:
            raise InvalidInputError.of("", f"the body nests deeper than {MAX_DEPTH}")
        for part in value:
            _inspect(part, depth - 1)
        if isinstance(value, dict):
            for part in value.values():
                _inspect(part, depth - 1)


_DECODER: Final = json.JSONDecoder(object_pairs_hook=_object, parse_float=_finite, parse_constant=_refuse_constant)


def _is_unicode(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
