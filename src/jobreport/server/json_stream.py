"""A body of many jobs in; its values, one after another and each gone before the next, out.

What a whole body of 16 MiB decodes to can take thirty times its size. A value at a time, it takes thirty times that of
one job at most.
"""

import io
import json
import re
from collections.abc import Iterator
from typing import Any, Final

from jobreport.model.errors import InvalidInputError
from jobreport.server import bodies
from jobreport.server.problem import ProblemError

MAX_PIECE: Final = 1024 * 1024
"""Bytes of one value: more than a job with every text at its limit, however its characters are written."""

Piece = tuple[str, Any]
"""A value of the body, after its place there: empty for the only one, `[0]` in an array, `line 1` in NDJSON."""

_SPACE: Final = " \t\n\r"
_CUT: Final = len("e+") + 1
"""Where the text ends so close behind a number, it may be within it: `1` of `1e+5`."""
_ARRAY: Final = re.compile(rb"[ \t\n\r]*\[")


def of_json(raw: bytes) -> tuple[Iterator[Piece], bool]:
    """The one value of a body, or those of its array; and whether it is one. Raises what `body.parse` raises.

    ProblemError 413 for a value beyond `MAX_PIECE`.
    """
    if len(raw) <= MAX_PIECE:
        document = bodies.parse(raw)
        if not isinstance(document, list):
            return iter([("", document)]), True
        return ((f"[{number}]", value) for number, value in enumerate(document)), False
    if not _ARRAY.match(raw):
        raise _too_large("")
    return _of_array(raw), False


def of_lines(raw: bytes) -> Iterator[Piece]:
    """The values of NDJSON. Raises as above; faults are named by their line."""
    for number, line in enumerate(io.BytesIO(raw), 1):
        if not line.strip():
            continue
        place = f"line {number}"
        if len(line) > MAX_PIECE:
            raise _too_large(place)
        try:
            value = bodies.parse(line)
        except InvalidInputError as error:
            raise InvalidInputError(fault.under(place) for fault in error.errors) from None
        yield place, value


def _too_large(place: str) -> ProblemError:
    return ProblemError(413, f"A job takes at most {MAX_PIECE} bytes{f'; {place} takes more' if place else ''}.")


class _Window:
    """The part of a long text that is looked at: `text`, from `at` on. Its start moves on over the bytes."""

    def __init__(self, raw: bytes) -> None:
        self._raw, self._start, self._lines, self._column = raw, 0, 1, 1
        self.text, self.at = "", 0
        self._read()

    def _read(self) -> None:
        end = min(len(self._raw), self._start + MAX_PIECE)
        part = self._raw[self._start : end]
        self.last = end == len(self._raw)
        try:
            self.text = part.decode("utf-8")
        except UnicodeDecodeError as error:
            if self.last or error.start < len(part) - 3:
                raise InvalidInputError.of(
                    "", f"the body is not UTF-8: byte {self._start + error.start} cannot be read"
                ) from None
            self.text = part[: error.start].decode("utf-8")  # the rest of the character comes with the next

    def move(self) -> bool:
        """Moves the start to where it is looked; False where that is the start, or all there is is here."""
        if self.last or not self.at:
            return False
        past = self.text[: self.at]
        self._start += len(past.encode())
        self._lines, self._column = self.place(self.at)
        self.at = 0
        self._read()
        return True

    def place(self, at: int) -> tuple[int, int]:
        """Line and column, as a person counts them."""
        lines = self.text.count("\n", 0, at)
        column = at - self.text.rfind("\n", 0, at) if lines else self._column + at
        return self._lines + lines, column

    def peek(self) -> str:
        """The next character that is no space; empty at the end."""
        while True:
            while self.at < len(self.text) and self.text[self.at] in _SPACE:
                self.at += 1
            if self.at < len(self.text):
                return self.text[self.at]
            if not self.move():
                return ""

    def fault(self, message: str, at: int | None = None) -> InvalidInputError:
        """What is said of text that is no JSON."""
        line, column = self.place(self.at if at is None else at)
        return InvalidInputError.of("", f"the body is not JSON: {message} at line {line}, column {column}")


def _of_array(raw: bytes) -> Iterator[Piece]:
    window = _Window(raw)
    window.peek()
    window.at += 1
    number = 0
    if window.peek() == "]":
        window.at += 1
    else:
        while True:
            yield f"[{number}]", _value(window, number)
            number += 1
            delimiter = window.peek()
            if delimiter not in (",", "]"):
                raise window.fault("Expecting ',' delimiter")
            window.at += 1
            if delimiter == "]":
                break
            window.peek()
    if window.peek():
        raise window.fault("Extra data")


def _value(window: _Window, number: int) -> Any:
    """The value that begins where the window is looked at; more of the body is read where it does not end there."""
    while True:
        try:
            value, end = bodies.scan(window.text, window.at)
        except json.JSONDecodeError as error:
            if window.move():
                continue
            cut = error.pos > len(window.text) - 16 or error.msg.startswith("Unterminated")
            if not window.last and cut:
                raise _too_large(f"[{number}]") from None
            raise window.fault(error.msg, error.pos) from None
        if len(window.text) - end < _CUT and window.move():
            continue  # a number may go on
        window.at = end
        return value
