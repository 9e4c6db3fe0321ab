"""Cuts a command's output into lines of text, while it comes in pieces of any length."""

from typing import Final

MAX_LINE: Final = 1024 * 1024
"""Bytes of a line that are kept; what is beyond is left out."""


class Lines:
    """Cuts a stream at LF, CR and CR LF; invalid UTF-8 is replaced, empty lines are left out.

    A chunk with a NUL in it is data (a dump on its way into a pipe) and no words: it is left out, since to read it
    line by line would only slow it down.
    """

    def __init__(self) -> None:
        self._held = bytearray()

    def feed(self, chunk: bytes) -> list[str]:
        """The lines that `chunk` completes. CR alone ends one too: that is how progress is redrawn."""
        if b"\0" in chunk:
            self._held.clear()
            return []
        *whole, rest = chunk.replace(b"\r", b"\n").split(b"\n")
        if whole:
            whole[0] = bytes(self._held) + whole[0]
            self._held.clear()
        self._held += rest[: MAX_LINE - len(self._held)]
        return [line[:MAX_LINE].decode("utf-8", "replace") for line in whole if line]

    def end(self) -> list[str]:
        """The last line, where no line end followed it."""
        return self.feed(b"\n")
