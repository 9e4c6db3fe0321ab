"""Streams that unpack gzip and zstd, and turn UTF-16 into UTF-8, a little at a time.

The frames of zstd are taken apart here and not by the library's own reader, which takes a file that was cut off for a
whole one. Four packed bytes may stand for 128 KiB, so it is given few at a time; and a frame says how much of what it
unpacked must stay in memory, its window, which is bounded.
"""

import codecs
import gzip
import io
from typing import Any, BinaryIO, Final

import zstandard

UTF_16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
"""How a text in UTF-16 begins."""
MAX_WINDOW: Final = 32 * 1024 * 1024
"""Bytes of a zstd window; `zstd` itself takes larger ones only with `--ultra` from level 21 on, or with `--long`."""
_GZIP: Final = b"\x1f\x8b"
_ZSTD: Final = b"\x28\xb5\x2f\xfd"
_TAKEN: Final = 16 * 1024
_STEP: Final = 256
"""Packed bytes at a time: they unpack to 8 MiB at the most."""


class NotWholeError(Exception):
    """A frame that ends too early."""


class TooLargeWindowError(Exception):
    """A frame that wants more memory than it gets."""


def unpacked(raw: Any) -> Any:
    """The stream of what is packed in `raw`; `raw` itself where it is neither gzip nor zstd."""
    start = raw.peek(len(_ZSTD))
    if start.startswith(_GZIP):
        return gzip.GzipFile(fileobj=raw)
    if start.startswith(_ZSTD):
        return _Converted(_Zstd(raw).read)
    return raw


def in_utf8(raw: BinaryIO) -> Any:
    """The text of `raw` in UTF-8; there it is in UTF-16, with a byte order mark. UnicodeDecodeError where it is not."""
    decoder = codecs.getincrementaldecoder("utf-16")()

    def read() -> bytes | None:
        packed = raw.read(_TAKEN)
        text = decoder.decode(packed, final=not packed)
        return text.encode() if packed else None

    return _Converted(read)


class _Converted(io.RawIOBase):
    """The stream of the pieces that `read` gives, of which some may be empty, until it gives None."""

    def __init__(self, read: Any) -> None:
        self._read, self._ready = read, memoryview(b"")

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # io wants any buffer, and calls it with a memoryview
        """Fills as much of `buffer` as there is."""
        while not self._ready:
            piece = self._read()
            if piece is None:
                return 0
            self._ready = memoryview(piece)
        got = min(len(buffer), len(self._ready))
        buffer[:got] = self._ready[:got]
        self._ready = self._ready[got:]
        return got


class _Zstd:
    """What zstd frames hold."""

    def __init__(self, raw: BinaryIO) -> None:
        self._raw, self._packed = raw, memoryview(b"")
        self._frame: Any = None

    def read(self) -> bytes | None:
        """The next piece; None at the end, NotWholeError where that is within a frame."""
        if not self._packed:
            self._packed = memoryview(self._raw.read(_TAKEN))
        if not self._packed:
            if self._frame:
                raise NotWholeError
            return None
        self._frame = self._frame or zstandard.ZstdDecompressor(max_window_size=MAX_WINDOW).decompressobj()
        step = self._packed[:_STEP]
        try:
            found: bytes = self._frame.decompress(step)
        except zstandard.ZstdError as error:
            if "too much memory" in str(error):
                raise TooLargeWindowError(
                    f"it was packed by zstd with a window of more than {MAX_WINDOW >> 20} MiB: "
                    "zstd -dc --long=31 FILE | jobreport import - unpacks it before"
                ) from None
            raise
        rest = len(self._frame.unused_data) if self._frame.eof else 0
        self._packed = self._packed[len(step) - rest :]
        if self._frame.eof:
            self._frame = None
        return found
