"""Converts the bytes of a body to UTF-8, piece by piece: unpacks gzip, and obeys a byte order mark.

Senders do not always declare these: PowerShell writes UTF-16 into a file, and a script may send a packed log. So the
first bytes decide.
"""

import codecs
import zlib
from collections.abc import Iterator
from typing import Any, Final

GZIP: Final = b"\x1f\x8b\x08"
MOST_DECODED: Final = 256 * 1024 * 1024
"""The bytes that are unpacked of a body. What is beyond is ignored."""
_PIECE: Final = 1024 * 1024
_MARKS: Final = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_LONGEST_MARK: Final = 4


class Unpacking:
    """Unpacks what begins as gzip does, one member or several. All else is as it is."""

    def __init__(self) -> None:
        self._begin = b""
        self._packed: bool | None = None
        self._gzip: Any = None
        self._left = MOST_DECODED
        self.broken = False
        """Whether it ended too early, was damaged, or is more than is unpacked."""

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """Gives the next bytes."""
        if self._packed is None:
            self._begin += chunk
            if len(self._begin) < len(GZIP):
                return
            self._packed, chunk, self._begin = self._begin.startswith(GZIP), self._begin, b""
        if self._packed:
            yield from self._unpacked(chunk)
        else:
            yield chunk

    def end(self) -> bytes:
        """Returns what is left."""
        self.broken |= self._packed is True and not (self._gzip and self._gzip.eof)
        return self._begin

    def _unpacked(self, chunk: bytes) -> Iterator[bytes]:
        while chunk and not self.broken:
            if self._gzip is None or self._gzip.eof:
                if self._gzip and not chunk.startswith(GZIP[:1]):
                    return  # zeros behind the last member, as tapes have them
                self._gzip = zlib.decompressobj(zlib.MAX_WBITS | 16)
            try:
                piece = self._gzip.decompress(chunk, _PIECE)
            except zlib.error:
                self.broken = True
                return
            self._left -= len(piece)
            self.broken |= self._left < 0
            yield piece
            chunk = self._gzip.unused_data if self._gzip.eof else self._gzip.unconsumed_tail


class Decoding:
    """Turns text with a byte order mark into UTF-8 without one. All else is as it is, but for NULs, which are left out:
    so text of two bytes a character can be read also if nothing says that it is.
    """

    def __init__(self) -> None:
        self._begin: bytes | None = b""
        self._decoder: codecs.IncrementalDecoder | None = None

    def feed(self, chunk: bytes) -> bytes:
        """Returns the next bytes."""
        if self._begin is not None:
            self._begin += chunk
            if len(self._begin) < _LONGEST_MARK:
                return b""
            chunk = self._begun()
        return self._decoded(chunk, last=False)

    def end(self) -> bytes:
        """Returns what is left."""
        return self._decoded(self._begun() if self._begin is not None else b"", last=True)

    def _begun(self) -> bytes:
        content, self._begin = self._begin or b"", None
        for mark, encoding in _MARKS:
            if content.startswith(mark):
                self._decoder = codecs.getincrementaldecoder(encoding)("replace")
                return content[len(mark) :]
        return content

    def _decoded(self, chunk: bytes, *, last: bool) -> bytes:
        if self._decoder is not None:
            chunk = self._decoder.decode(chunk, last).encode("utf-8", "replace")
        return chunk.replace(b"\0", b"")
