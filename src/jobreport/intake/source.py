"""Reads the lines of a file or a pipe in UTF-8: unpacks gzip and zstd, and converts UTF-16.

How the file is packed, and what kind of file it is, is recognised from its first bytes, whatever its name. However much
a few packed bytes unpack to, only a little of it is in memory at a time.
"""

import io
import re
import zlib
from collections.abc import Iterator
from gzip import BadGzipFile
from typing import Any, BinaryIO, Final

import zstandard

from jobreport.intake.unpacked import UTF_16, NotWholeError, TooLargeWindowError, in_utf8, unpacked, with_first

MAX_LINE: Final = 1024 * 1024
"""The longest line, in bytes. A job with all its texts and its `raw` is shorter."""
_BOM: Final = b"\xef\xbb\xbf"
_UTF_32: Final = (b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff")
_BUFFER: Final = 256 * 1024
_OTHERS: Final = {
    b"PK\x03\x04": "an Excel workbook, or another ZIP archive",
    b"\xd0\xcf\x11\xe0": "an Excel workbook of the old kind",
    b"PAR1": "a Parquet file",
    b"SQLite format 3": "an SQLite database; one that jobreport backup made is put back by jobreport restore",
    b"BZh": "packed by bzip2",
    b"\xfd7zXZ": "packed by xz",
    b"7z\xbc\xaf": "packed by 7-Zip",
    b"%PDF": "a PDF document",
}
_CR_BETWEEN: Final = re.compile(rb"}\s*\r\s*{")
_READ: Final = "what is read are lines of JSON (NDJSON) and CSV, plain or packed by gzip or zstd"


class UnreadableInputError(ValueError):
    """Raised if an input cannot be read, from its beginning or from some place on. The message says why."""


class Source:
    """The lines of a file of jobs. Raises UnreadableInputError for a file of another kind; the message says which kind
    it seems to be.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._counted = _Counted(file)
        raw: Any = io.BufferedReader(self._counted, _BUFFER)
        with _readable():
            self._stream, self._head = _begun(unpacked(raw))
            if self._head.startswith(UTF_16) and not self._head.startswith(_UTF_32):
                self._stream, self._head = _begun(in_utf8(self._stream))
        if said := _other_kind(self._head):
            raise UnreadableInputError(said)

    @property
    def consumed(self) -> int:
        """The number of bytes read from the file itself, before unpacking."""
        return self._counted.bytes

    @property
    def head(self) -> bytes:
        """The beginning of the content, without a byte order mark and leading blanks."""
        return self._head.removeprefix(_BOM).lstrip()

    def lines(self) -> Iterator[bytes]:
        """Gives each line with its line end. A line longer than MAX_LINE is cut to MAX_LINE + 1 bytes. Raises
        UnreadableInputError if reading fails.
        """
        mark = _BOM
        with _readable():
            while line := self._stream.readline(MAX_LINE + 1):
                rest = line
                while len(rest) > MAX_LINE and not rest.endswith(b"\n"):
                    rest = self._stream.readline(MAX_LINE + 1)
                yield line.removeprefix(mark)
                mark = b""


def _begun(stream: Any) -> tuple[Any, bytes]:
    """Returns the stream, and its beginning: the whole first line that is not blank, if it fits in a buffer.

    A pipe may give a few bytes at first, from which nobody knows what kind of file it is.
    """
    reader = io.BufferedReader(stream, _BUFFER)
    first = bytearray()
    while len(first) < _BUFFER and (piece := reader.read1(_BUFFER)):
        first += piece
        if b"\n" in piece and b"\n" in first.removeprefix(_BOM).lstrip():
            break
    return with_first(bytes(first), reader), bytes(first)


def _other_kind(head: bytes) -> str:
    """Says what kind of file this seems to be, from its first bytes; empty if it may be lines of
    JSON or CSV in UTF-8.
    """
    for begin, kind in _OTHERS.items():
        if head.startswith(begin):
            return f"it is {kind}: {_READ}"
    if head.startswith(_UTF_32):
        return "it is in UTF-32: save it as UTF-8"
    begin = head[:1024]
    if zeros := begin.count(0):
        # Each letter of English has one, before or behind it.
        if zeros * 4 > len(begin) and min(begin[::2].count(0), begin[1::2].count(0)) * 8 < zeros:
            return "it looks like UTF-16 without a byte order mark: save it as UTF-8"
        return f"it is no text: {_READ}"
    line, ends, _ = head.removeprefix(_BOM).strip().partition(b"\n")
    line = line.rstrip()
    # JSON has no line end in a text, but may have one where a blank may be; between two objects there is none.
    if b"\r" in line and (not ends or not line.startswith(b"{") or _CR_BETWEEN.search(line)):
        return "its lines end with carriage returns alone (CR): save it with LF or CRLF, or use tr '\\r' '\\n'"
    return ""


class _Counted(io.RawIOBase):
    """A file that counts how many bytes of it were read, which a pipe cannot tell."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self.bytes = file, 0

    def readable(self) -> bool:
        """Returns True."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # io wants any buffer, and calls it with a memoryview
        """Reads into `buffer`, and returns how many bytes."""
        got = self._file.read(len(buffer))
        buffer[: len(got)] = got
        self.bytes += len(got)
        return len(got)


class _readable:  # noqa: N801 - used like a function
    """Turns the errors of reading and unpacking into UnreadableInputError with one plain sentence."""

    def __enter__(self) -> None:
        """Does nothing."""

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        """Raises UnreadableInputError in place of the library's own error."""
        if isinstance(error, EOFError | NotWholeError):
            raise UnreadableInputError("the compressed data end too early: the file was cut off") from None
        if isinstance(error, TooLargeWindowError):
            raise UnreadableInputError(str(error)) from None
        if isinstance(error, zlib.error | BadGzipFile | zstandard.ZstdError):
            raise UnreadableInputError("the compressed data are damaged") from None
        if isinstance(error, UnicodeDecodeError):
            raise UnreadableInputError("its UTF-16 is damaged: save it as UTF-8") from None
        if isinstance(error, OSError):
            raise UnreadableInputError(f"it cannot be read: {error.strerror or error}") from None
