"""Reads a file or a pipe of jobs: the lines of a text in UTF-8, or a workbook or Parquet file as a whole.

It unpacks gzip and zstd, and converts UTF-16. How the file is packed, and what kind of file it is, is recognised from
its first bytes, whatever its name. However much a few packed bytes unpack to, only a little of it is in memory at a
time.
"""

import io
import re
import shutil
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from gzip import BadGzipFile
from typing import Any, BinaryIO, Final, NamedTuple

import zstandard

from jobreport.intake.unpacked import UTF_16, NotWholeError, TooLargeWindowError, in_utf8, unpacked, with_first

MAX_LINE: Final = 1024 * 1024
"""The longest line, in bytes. A job with all its texts and its `raw` is shorter."""
_BOM: Final = b"\xef\xbb\xbf"
_UTF_32: Final = (b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff")
_BUFFER: Final = 256 * 1024
_OTHERS: Final = {
    b"\xd0\xcf\x11\xe0": "an Excel workbook of the old kind",
    b"SQLite format 3": "an SQLite database; one that jobreport backup made is put back by jobreport restore",
    b"BZh": "packed by bzip2",
    b"\xfd7zXZ": "packed by xz",
    b"7z\xbc\xaf": "packed by 7-Zip",
    b"%PDF": "a PDF document",
}
_CR_BETWEEN: Final = re.compile(rb"}\s*\r\s*{")
_READ: Final = (
    "what is read are lines of JSON (NDJSON), CSV, Excel workbooks (xlsx) and Parquet, plain or packed by gzip or zstd"
)


class Kind(NamedTuple):
    """A kind of file that has rows in place of lines. It begins with `magic`, and the libraries of `extra` read it."""

    magic: bytes
    name: str
    extra: str


_KINDS: Final = (
    Kind(b"PK\x03\x04", "an Excel workbook, or another ZIP archive", "xlsx"),
    Kind(b"PAR1", "a Parquet file", "parquet"),
)


class UnreadableInputError(ValueError):
    """Raised if an input cannot be read, from its beginning or from some place on. The message says why."""


class Source:
    """A file of jobs. Raises UnreadableInputError for a file of another kind; the message says which kind
    it seems to be.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file, self._counted = file, _Counted(file)
        raw: Any = io.BufferedReader(self._counted, _BUFFER)
        with _readable():
            self._stream, self._head = _begun(unpacked(raw))
            if self._head.startswith(UTF_16) and not self._head.startswith(_UTF_32):
                self._stream, self._head = _begun(in_utf8(self._stream))
        if not self.kind and (said := _other_kind(self._head)):
            raise UnreadableInputError(said)

    @property
    def consumed(self) -> int:
        """The number of bytes read from the file itself, before unpacking."""
        return self._counted.bytes

    @property
    def head(self) -> bytes:
        """The beginning of the content, without a byte order mark and leading blanks."""
        return self._head.removeprefix(_BOM).lstrip()

    @property
    def kind(self) -> Kind | None:
        """The kind of a file that has rows in place of lines, and is read from `whole`; None for a text."""
        return next((kind for kind in _KINDS if self._head.startswith(kind.magic)), None)

    @contextmanager
    def whole(self) -> Iterator[BinaryIO]:
        """Gives the content as a file in which one can seek. A pipe, and what is packed, is copied into a temporary
        file first. Raises UnreadableInputError if reading fails.
        """
        with _readable(), ExitStack() as stack:
            if self._file.seekable() and self._begins_with(self._head[:4]):
                self._counted = _Counted(self._file)
                yield io.BufferedReader(self._counted, _BUFFER)
            else:
                copy = stack.enter_context(tempfile.TemporaryFile(prefix="jobreport-"))
                shutil.copyfileobj(self._stream, copy, _BUFFER)
                copy.seek(0)
                yield copy

    def _begins_with(self, first: bytes) -> bool:
        """Goes back to the beginning of the file itself, and returns whether it begins so, and thus is not packed."""
        place = self._file.tell()
        self._file.seek(0)
        same = self._file.read(len(first)) == first
        self._file.seek(0 if same else place)
        return same

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

    def seekable(self) -> bool:
        """Returns whether one can go back in the file."""
        return self._file.seekable()

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Goes to a place in the file."""
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        """Returns the place in the file."""
        return self._file.tell()

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
