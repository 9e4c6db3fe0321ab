"""Parses strict JSON. If the bytes are not valid, says what is wrong and where.

It is stricter than Python's own `json`, which accepts NaN, half a surrogate pair and any depth. Otherwise both give the
same value: if a name is there twice, the later value counts, in the later place.
"""

import json
import math
import re
from typing import Any, Final, NoReturn

from jobreport.model.errors import InvalidInputError

MAX_DEPTH: Final = 64
"""The most arrays and objects that may be nested in one another (contract, "hostile JSON")."""
_CONTINUATION: Final = bytes(range(0x80, 0xC0))
"""The bytes of a UTF-8 character after its first. Without them, the number of bytes is the number of characters."""
_BLANKS: Final = re.compile(r"[ \t\n\r]*")


def parse(body: bytes) -> Any:
    """Returns the JSON value of `body`.

    Raises InvalidInputError for bytes that are not JSON (RFC 8259) in UTF-8, and for texts and nesting that the
    contract forbids.
    """
    return parse_part(body, 0, len(body))


def parse_part(body: bytes, start: int, end: int) -> Any:
    """Returns the JSON value in `body` from byte `start` to byte `end`. The places of faults refer to the whole `body`.

    Raises the errors of `parse`.
    """
    try:
        text = body[start:end].decode("utf-8")
    except UnicodeDecodeError as error:
        raise InvalidInputError.of("", f"the body is not UTF-8: byte {start + error.start} cannot be read") from None
    try:
        value, stop = _DECODER.raw_decode(text, _after_blanks(text, 0))
    except json.JSONDecodeError as error:
        raise syntax_fault(body, start + len(text[: error.pos].encode("utf-8")), error.msg) from None
    except RecursionError:
        raise too_deep() from None
    except ValueError as error:
        # The interpreter's own bound on the digits of an integer.
        reason = "a number has too many digits" if "digits" in str(error) else str(error)
        raise InvalidInputError.of("", f"the body is not JSON: {reason}") from None
    if (stop := _after_blanks(text, stop)) != len(text):
        raise syntax_fault(body, start + len(text[:stop].encode("utf-8")), "Extra data")
    _inspect(value, MAX_DEPTH)
    return value


def syntax_fault(body: bytes, at: int, reason: str) -> InvalidInputError:
    """Returns the error for a body that is no longer JSON at byte `at`. Line and column are counted from 1."""
    line = body.count(b"\n", 0, at) + 1
    column = len(body[body.rfind(b"\n", 0, at) + 1 : at].translate(None, _CONTINUATION)) + 1
    return InvalidInputError.of("", f"the body is not JSON: {reason} at line {line}, column {column}")


def too_deep() -> InvalidInputError:
    """Returns the error for a body that nests too deep."""
    return InvalidInputError.of("", f"the body nests deeper than {MAX_DEPTH}")


def _after_blanks(text: str, at: int) -> int:
    found = _BLANKS.match(text, at)
    return found.end() if found else at


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
    """Raises InvalidInputError for a NUL or a lone surrogate in any text, and for nesting beyond `depth`."""
    if isinstance(value, str):
        if "\0" in value or not (value.isascii() or _is_unicode(value)):
            raise InvalidInputError.of("", "a text holds a NUL or half of a surrogate pair")
    elif isinstance(value, dict | list):
        if depth == 0:
            raise too_deep()
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
