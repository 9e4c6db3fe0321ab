"""Parses strict JSON. If the bytes are not valid, says what is wrong and where.

It is stricter than Python's own `json`, which accepts NaN, half a surrogate pair and any depth. Otherwise both give the
same value: if a name is there twice, the later value counts, in the later place.
"""

import json
import math
import re
from typing import Any, Final, NoReturn

from jobreport.model.errors import FieldError, InvalidInputError

MAX_DEPTH: Final = 64
"""The most arrays and objects that may be nested in one another (contract, "hostile JSON")."""
_CONTINUATION: Final = bytes(range(0x80, 0xC0))
"""The bytes of a UTF-8 character after its first. Without them, the number of bytes is the number of characters."""
_MAY_BE_FORBIDDEN: Final = re.compile(r"\\u|[0-9][eE]|[0-9]{300}")
"""A text without this has no NUL and no half of a surrogate pair, which JSON in UTF-8 can only escape, and no number
that is too large."""
_BLANKS: Final = re.compile(r"[ \t\n\r]*")
_NAMED_LEVELS: Final = 3
"""Levels that a fault's place names: the job in an array, its field, and a part of that. The bound keeps it short."""
_LONGEST_NAME: Final = 128


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
    if _MAY_BE_FORBIDDEN.search(text) or text.count("[") + text.count("{") > MAX_DEPTH:
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
    blanks = _BLANKS.match(text, at)
    return blanks.end() if blanks else at


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members: dict[str, Any] = {}
    for name, value in pairs:
        members.pop(name, None)
        members[name] = value
    return members


class _TooLarge(float):
    """Infinity in place of a number that is too large, with that number as it was written."""

    def __new__(cls, text: str) -> "_TooLarge":
        """Takes the number as it was written."""
        made = super().__new__(cls, "inf")
        made.written = text
        return made

    written: str


def _number(text: str) -> float:
    number = float(text)
    return number if math.isfinite(number) else _TooLarge(text)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


def _inspect(value: Any, depth: int) -> None:
    """Raises InvalidInputError for a NUL or a lone surrogate in any text, for a number that is too large, and for
    nesting beyond `depth`. It names the field.
    """
    if isinstance(value, str):
        if "\0" in value or not (value.isascii() or _is_unicode(value)):
            raise InvalidInputError.of("", "holds a NUL or half of a surrogate pair")
    elif isinstance(value, _TooLarge):
        raise InvalidInputError.of("", f"the number {value.written[:40]} is too large")
    elif isinstance(value, dict | list):
        if depth == 0:
            raise too_deep()
        if isinstance(value, dict):
            for name in value:
                _inspect_name(name)
        parts: Any = value.items() if isinstance(value, dict) else enumerate(value)
        for place, part in parts:
            try:
                _inspect(part, depth - 1)
            except InvalidInputError as error:
                if depth <= MAX_DEPTH - _NAMED_LEVELS:
                    raise
                raise InvalidInputError(_under(place, fault) for fault in error.errors) from None


def _inspect_name(name: str) -> None:
    try:
        _inspect(name, 0)
    except InvalidInputError:
        # The name itself could not be written into an answer.
        raise InvalidInputError.of("", "has a name that holds a NUL or half of a surrogate pair") from None


def _under(place: str | int, fault: FieldError) -> FieldError:
    if isinstance(place, int):
        return fault.under(f"[{place}]")
    return fault.under(place if len(place) <= _LONGEST_NAME else f"{place[: _LONGEST_NAME - 1]}…")


_DECODER: Final = json.JSONDecoder(object_pairs_hook=_object, parse_float=_number, parse_constant=_refuse_constant)


def _is_unicode(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
