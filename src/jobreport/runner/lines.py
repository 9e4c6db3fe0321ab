"""Splits a command's output into lines of text, while it arrives in pieces of any length."""

from typing import Final

MAX_LINE: Final = 1024 * 1024
"""Bytes of a line that are kept; what is beyond is left out."""


class Lines:
    """Splits a stream at LF, CR and CR LF. Invalid UTF-8 is replaced, empty lines are left out.

    A chunk that contains a NUL is data, such as a dump on its way into a pipe. It is left out, as reading it line by
    line would only slow it down.
    """

    def __init__(self) -> None:
        self._held = bytearray()

    def feed(self, chunk: bytes) -> list[str]:
        """Returns the lines that `chunk` completes. A CR without LF also ends a line, as programs use it to redraw
        their progress.
        """
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
        """Returns the last line, if no line end followed it."""
        return self.feed(b"\n")
