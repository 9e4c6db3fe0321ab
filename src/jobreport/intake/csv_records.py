"""Splits the lines of a CSV file (RFC 4180) into records, so that a stray quote costs one line and no more.

A quote that is not closed takes in everything up to the next quote or the end of the file, perhaps thousands of jobs.
So if several lines together make no valid record, only the first of them is at fault, and reading goes on at the next
line. A valid record is accepted even if it spans many lines; otherwise a text could smuggle in jobs of its own.
"""

import csv
from collections import deque
from collections.abc import Iterator
from typing import Final, NamedTuple

from jobreport.intake.source import MAX_LINE, UnreadableInputError

NOT_CLOSED: Final = "has a quote that is not closed: with the lines that follow, it makes no record"
_MOST_AGAIN: Final = 64 * 1024 * 1024
_FACTOR_AGAIN: Final = 8
"""After a stray quote, lines are read again. In all, at most `_MOST_AGAIN` bytes plus this many times the bytes of the
file so far. If it takes more, the file is not CSV."""


class Record(NamedTuple):
    """The cells of the lines `first` to `last`, counted from 1. If there are no cells, `fault` says what is wrong with
    line `first`.
    """

    first: int
    last: int
    cells: list[str]
    fault: str = ""


class Records:
    """The records after the header, which is line `header`, each with `width` cells. Raises UnreadableInputError if the
    file cannot be CSV.
    """

    def __init__(self, lines: Iterator[bytes], delimiter: str, width: int, header: int) -> None:
        self._lines = _Lines(lines, header)
        self._delimiter, self._width = delimiter, width
        self._reader = csv.reader(self._lines, delimiter=delimiter, strict=True)

    def __iter__(self) -> Iterator[Record]:
        while (record := self._next()) is not None:
            if record.cells or record.fault:
                yield record

    def read_again(self) -> None:
        """Makes reading continue at the second line of the last record."""
        self._lines.give_back()

    def whole_lines(self) -> Iterator[tuple[int, list[str]]]:
        """Gives those lines of the last record, except the first, that are records by themselves."""
        for number, raw in enumerate(self._lines.taken[1:], self._lines.first + 1):
            line = raw.decode("utf-8", "replace")
            if line.count(self._delimiter) >= self._width - 1:
                try:
                    cells = next(csv.reader([line], delimiter=self._delimiter))
                except csv.Error:  # within a text there may be what makes no record
                    continue
                if len(cells) == self._width:
                    yield number, cells

    def _next(self) -> Record | None:
        lines = self._lines
        lines.begin()
        try:
            cells = next(self._reader)
        except StopIteration:
            return None
        except csv.Error as error:
            return self._refused(_in_words(error))
        if lines.unreadable:
            return self._refused(lines.unreadable)
        if cells and len(cells) != self._width:
            return self._refused(f"has {len(cells)} values where the header has {self._width} names")
        return Record(lines.first, lines.last, cells)

    def _refused(self, fault: str) -> Record:
        """Returns the first of the lines that were read as a fault. The other lines are read again."""
        if len(self._lines.taken) > 1:
            if not self._lines.unreadable:
                fault = NOT_CLOSED
            self._lines.give_back()
        return Record(self._lines.first, self._lines.last, [], fault)


def not_utf8(raw: bytes, error: UnicodeDecodeError, line: int) -> str:
    """Returns the message for a line that is not UTF-8."""
    return (
        f"is not UTF-8 (byte {raw[error.start]:#04x} in line {line}), perhaps Windows-1252: "
        "save the file as UTF-8, or convert it by iconv -f WINDOWS-1252 -t UTF-8"
    )


_WORDS: Final = {
    "new-line": "has a carriage return outside of quotes",
    "expected after": "has text behind a closing quote; a quote within quotes must be doubled",
    "unexpected end": "has a quote that is not closed",
    "field limit": f"has a value of more than {csv.field_size_limit():,} characters",
}


def _in_words(error: csv.Error) -> str:
    return next((words for part, words in _WORDS.items() if part in str(error)), str(error))


class _Lines:
    """The lines of the file as text. The lines that were read last can be given back, to be read again."""

    def __init__(self, source: Iterator[bytes], before: int) -> None:
        """Takes the lines, and the number of the line before them."""
        self._source, self._waiting = source, deque[bytes]()
        self._again = self._read = 0
        self.first = self.last = before
        self.taken: list[bytes] = []
        self.unreadable = ""

    def begin(self) -> None:
        """Notes that a record begins with the next line."""
        self.taken, self.unreadable = [], ""
        self.first = self.last + 1

    def give_back(self) -> None:
        """Gives back all of the lines that were read last, except the first."""
        again = self.taken[1:]
        self._again += sum(map(len, again))
        if self._again > _MOST_AGAIN + _FACTOR_AGAIN * self._read:
            raise UnreadableInputError("it is no CSV as RFC 4180 has it: too many quotes are not closed")
        self._waiting.extendleft(reversed(again))
        del self.taken[1:]
        self.last = self.first

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        raw = self._waiting.popleft() if self._waiting else self._fresh()
        self.taken.append(raw)
        self.last += 1
        if len(raw) > MAX_LINE:
            raise csv.Error(f"is longer than {MAX_LINE:,} bytes")
        try:
            return raw.decode()
        except UnicodeDecodeError as error:
            self.unreadable = not_utf8(raw, error, self.last)
            return raw.decode("utf-8", "replace")

    def _fresh(self) -> bytes:
        raw = next(self._source)
        self._read += len(raw)
        return raw
