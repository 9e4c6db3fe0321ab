"""Streams that unpack gzip and zstd, and turn UTF-16 into UTF-8, a little at a time.

zstd frames are read one by one here. The library's own reader is not used, as it does not notice that a file was cut
off. Four packed bytes may stand for 128 KiB, so only a few are unpacked at a time. A frame also names its window, the
part of its output that must stay in memory; its size is limited.
"""

import codecs
import gzip
import io
from itertools import chain
from typing import Any, BinaryIO, Final

import zstandard

UTF_16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
"""The byte order marks with which a text in UTF-16 begins."""
MAX_WINDOW: Final = 32 * 1024 * 1024
"""The largest zstd window, in bytes. `zstd` itself only makes larger ones with `--ultra` from level 21 on, or with
`--long`."""
_GZIP: Final = b"\x1f\x8b"
_ZSTD: Final = b"\x28\xb5\x2f\xfd"
_PIECE: Final = 256 * 1024
_TAKEN: Final = 16 * 1024
_STEP: Final = 256
"""The number of packed bytes that are unpacked at a time: they become 8 MiB at most."""


class NotWholeError(Exception):
    """Raised for a frame that ends too early."""


class TooLargeWindowError(Exception):
    """Raised for a frame that needs more memory than is allowed."""


def with_first(first: bytes, rest: Any) -> Any:
    """Returns the stream of `first` and, behind it, what is left in `rest`."""
    pieces = chain([first], iter(lambda: rest.read1(_PIECE), b""))
    return io.BufferedReader(_Converted(lambda: next(pieces, None)), _PIECE)


def unpacked(packed: Any) -> Any:
    """Returns the stream of what is packed; that of `packed` itself if it is neither gzip nor zstd."""
    start = packed.read(len(_ZSTD))
    raw = with_first(start, packed)
    if start.startswith(_GZIP):
        return gzip.GzipFile(fileobj=raw)
    if start.startswith(_ZSTD):
        return _Converted(_Zstd(raw).read)
    return raw


def in_utf8(raw: BinaryIO) -> Any:
    """Returns the text of `raw`, which is UTF-16 with a byte order mark, in UTF-8. Its `read` raises UnicodeDecodeError
    for invalid UTF-16.
    """
    decoder = codecs.getincrementaldecoder("utf-16")()

    def read() -> bytes | None:
        packed = raw.read(_TAKEN)
        text = decoder.decode(packed, final=not packed)
        return text.encode() if packed else None

    return _Converted(read)


class _Converted(io.RawIOBase):
    """The stream of the pieces that `read` returns, until it returns None. A piece may be empty."""

    def __init__(self, read: Any) -> None:
        self._read, self._ready = read, memoryview(b"")

    def readable(self) -> bool:
        """Returns True."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # io wants any buffer, and calls it with a memoryview
        """Reads into `buffer`, and returns how many bytes."""
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
    """Reads and unpacks zstd frames."""

    def __init__(self, raw: BinaryIO) -> None:
        self._raw, self._packed = raw, memoryview(b"")
        self._frame: Any = None

    def read(self) -> bytes | None:
        """Returns the next piece; None at the end. Raises NotWholeError if the input ends within a frame."""
        if not self._packed:
            self._packed = memoryview(self._raw.read(_TAKEN))
        if not self._packed:
            if self._frame:
                raise NotWholeError
            return None
        self._frame = self._frame or zstandard.ZstdDecompressor(max_window_size=MAX_WINDOW).decompressobj()
        step = self._packed[:_STEP]
        try:
            piece: bytes = self._frame.decompress(step)
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
        return piece
