"""Decodes the jobs of a long body one after another, so that only one of them is in memory at a time.

Decoded as a whole, a body of 16 MiB can take thirty times its size; one job at a time, at most thirty times the size of
one job. An array is first only cut into the bytes of its values, which makes no objects. The number of values is
limited as well, since an array of 16 MiB may have eight million.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any, Final

import msgspec

from jobreport.contract.json_value import parse, parse_part, syntax_fault, too_deep
from jobreport.model.errors import InvalidInputError
from jobreport.server.problem import ProblemError

MAX_VALUE: Final = 1024 * 1024
"""The longest value in a body, in bytes. A job is shorter, even if every text has its greatest length and every
character is escaped."""

Placed = tuple[str, Any]
"""A value of the body, with its place there: an empty text if it is the only value, `[0]` in an array, `line 1` in
NDJSON."""

_ARRAY: Final = re.compile(rb"[ \t\n\r]*\[")
_BETWEEN: Final = re.compile(rb"[ \t\n\r,]*")
_MALFORMED: Final = re.compile(r"JSON is malformed: (.*) \(byte (\d+)\)")
_NOT_BLANK: Final = re.compile(rb"\S")
_NOTHING: Final = msgspec.Raw()


def of_json(body: bytes, most: int) -> tuple[Iterator[Placed], bool]:
    """Returns the values of a body, and whether the body is a single value and not an array. Of an array, no more than
    `most` + 1 values are read.

    Raises what `json_value.parse` raises, and ProblemError 413 for a value longer than `MAX_VALUE`.
    """
    if len(body) <= MAX_VALUE:
        document = parse(body)
        if not isinstance(document, list):
            return iter([("", document)]), True
        return ((f"[{number}]", value) for number, value in enumerate(document)), False
    if not _ARRAY.match(body):
        raise _too_large("")
    return _of_array(body, _cut(body, most + 1)), False


def of_lines(body: bytes) -> Iterator[Placed]:
    """Gives the values of NDJSON. Raises what `of_json` raises; faults are named by their line."""
    number, end = 1, 0
    while first := _NOT_BLANK.search(body, end):
        start = body.rfind(b"\n", 0, first.start()) + 1
        number += body.count(b"\n", end, start)
        end = body.find(b"\n", start)
        end = len(body) if end < 0 else end
        place = f"line {number}"
        if end - first.start() > MAX_VALUE:
            raise _too_large(place)
        try:
            value = parse(body[start:end])
        except InvalidInputError as error:
            raise InvalidInputError(fault.under(place) for fault in error.errors) from None
        yield place, value


def _too_large(place: str) -> ProblemError:
    return ProblemError(413, f"A job takes at most {MAX_VALUE} bytes{f'; {place} takes more' if place else ''}.")


@cache
def _cutter(most: int) -> msgspec.json.Decoder[Any]:
    """Returns a decoder that cuts an array into the bytes of its first `most` values. It skips the others without
    making objects.

    The decoder of a list would keep all values, since the type of a list has no maximum length. A struct that is
    written as an array has a fixed number of fields, and its decoder skips values after the last field.
    """
    fields = [(f"value{number}", msgspec.Raw, _NOTHING) for number in range(most)]
    return msgspec.json.Decoder(msgspec.defstruct("Values", fields, array_like=True, gc=False))


def _cut(body: bytes, most: int) -> tuple[msgspec.Raw, ...]:
    """Returns the bytes of the first `most` values of the array in `body`. The whole array is checked."""
    try:
        found = _cutter(most).decode(body)
    except RecursionError:
        raise too_deep() from None
    except msgspec.DecodeError as error:
        malformed = _MALFORMED.fullmatch(str(error))
        reason, at = (malformed[1], int(malformed[2])) if malformed else ("the body ends too early", len(body))
        raise syntax_fault(body, at, reason) from None
    return msgspec.structs.astuple(found)


def _of_array(body: bytes, values: tuple[msgspec.Raw, ...]) -> Iterator[Placed]:
    first = _ARRAY.match(body)
    end = first.end() if first else 0
    for number, raw in enumerate(values):
        size = len(memoryview(raw))
        if not size:
            return
        between = _BETWEEN.match(body, end)
        start = between.end() if between else end
        end = start + size
        if size > MAX_VALUE:
            raise _too_large(f"[{number}]")
        place = f"[{number}]"
        try:
            value = parse_part(body, start, end)
        except InvalidInputError as error:
            raise InvalidInputError(fault.under(place) for fault in error.errors) from None
        yield place, value
