"""A file or a pipe in; its bytes, decompressed by what they begin with, in lines out."""

import gzip
import io
import zlib
from collections.abc import Iterator
from typing import Any, BinaryIO, Final

import zstandard

MAX_LINE: Final = 1024 * 1024
"""Bytes of a line; a job with all its texts and its `raw` has less."""
_GZIP: Final = b"\x1f\x8b"
_ZSTD: Final = b"\x28\xb5\x2f\xfd"
_BOM: Final = b"\xef\xbb\xbf"
_BUFFER: Final = 256 * 1024
_PACKED: Final = 16 * 1024


class UnreadableInputError(ValueError):
    """An input that cannot be read, from its beginning or from some place on; the message says why."""


class Source:
    """The lines of a file of jobs, whatever it is compressed with."""

    def __init__(self, file: BinaryIO) -> None:
        self._counted = _Counted(file)
        raw: Any = io.BufferedReader(self._counted, _BUFFER)
        with _readable():
            self._stream = io.BufferedReader(_decompressed(raw), _BUFFER)
            self._head = self._stream.peek(_BUFFER)

    @property
    def consumed(self) -> int:
        """How many bytes were read of the file itself."""
        return self._counted.bytes

    @property
    def head(self) -> bytes:
        """How it begins, without a byte order mark."""
        return self._head.removeprefix(_BOM).lstrip()

    def lines(self) -> Iterator[bytes]:
        """Each line with its end; one beyond MAX_LINE is cut to one byte more. UnreadableInputError where it breaks."""
        mark = _BOM
        with _readable():
            while line := self._stream.readline(MAX_LINE + 1):
                rest = line
                while len(rest) > MAX_LINE and not rest.endswith(b"\n"):
                    rest = self._stream.readline(MAX_LINE + 1)
                yield line.removeprefix(mark)
                mark = b""


class _Counted(io.RawIOBase):
    """A file that knows how much of it was read: a pipe cannot tell."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self.bytes = file, 0

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # io wants any buffer, and calls it with a memoryview
        """Fills as much of `buffer` as there is."""
        got = self._file.read(len(buffer))
        buffer[: len(got)] = got
        self.bytes += len(got)
        return len(got)


class _Zstd(io.RawIOBase):
    """What zstd frames hold. The library's own reader takes a file that was cut off for a whole one."""

    def __init__(self, raw: BinaryIO) -> None:
        self._raw, self._ready = raw, memoryview(b"")
        self._frame: Any = None

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # io wants any buffer, and calls it with a memoryview
        """Fills as much of `buffer` as there is; EOFError where a frame ends too early."""
        while not self._ready:
            packed = self._raw.read(_PACKED)
            if not packed:
                if self._frame:
                    raise EOFError
                return 0
            self._ready = memoryview(self._unpack(packed))
        got = min(len(buffer), len(self._ready))
        buffer[:got] = self._ready[:got]
        self._ready = self._ready[got:]
        return got

    def _unpack(self, packed: bytes) -> bytes:
        found = []
        while packed:
            self._frame = self._frame or zstandard.ZstdDecompressor().decompressobj()
            found.append(self._frame.decompress(packed))
            if not self._frame.eof:
                break
            packed, self._frame = self._frame.unused_data, None
        return b"".join(found)


def _decompressed(raw: Any) -> Any:
    start = raw.peek(len(_ZSTD))
    if start.startswith(_GZIP):
        return gzip.GzipFile(fileobj=raw)
    if start.startswith(_ZSTD):
        return _Zstd(raw)
    return raw


class _readable:  # noqa: N801 - used like a function
    """What decompression raises, as one sentence."""

    def __enter__(self) -> None:
        """Nothing."""

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        """UnreadableInputError instead of the library's own."""
        if isinstance(error, EOFError):
            raise UnreadableInputError("the compressed data end too early: the file was cut off") from None
        if isinstance(error, zlib.error | gzip.BadGzipFile | zstandard.ZstdError):
            raise UnreadableInputError("the compressed data are damaged") from None
        if isinstance(error, OSError):
            raise UnreadableInputError(f"it cannot be read: {error.strerror or error}") from None
