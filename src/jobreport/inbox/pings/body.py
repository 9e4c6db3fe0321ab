"""Takes the body of a ping piece by piece: keeps its beginning and end, and has a tool's reader read all of it.

So a body may be as long as the output of a night's backup, and takes little memory.
"""

import hashlib
import re
from typing import Final

import msgspec

from jobreport.inbox.pings.decoding import Decoding, Unpacking
from jobreport.inbox.pings.tool_runs import ToolRun, ToolRuns
from jobreport.runner.lines import Lines
from jobreport.runner.redact import redact_long
from jobreport.runner.text import MAX_COMMENTS, TAIL_LINES, clean, shorten

LIMIT: Final = 60_000
"""At most so many bytes of a body are kept. Of a longer body, a quarter of them is its beginning, the rest its end."""
_HEAD: Final = LIMIT // 4
_MOST_HELD: Final = 4 * LIMIT
_KEY_BEGINS: Final = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----")
_KEY_ENDS: Final = re.compile(r"-----END [A-Z ]*PRIVATE KEY-----")
_LONGEST: Final = 400
"""Each line of `Body.last` is shortened to so many characters."""


class Body(msgspec.Struct, frozen=True, kw_only=True):
    """A body that has been taken. `text` is what is kept of it, `last` its last lines, for people.

    `runs` are the runs of tools whose output it contains, as they were read; empty if it is not the output of a tool.
    `cut`: a part of the body was not read. `killed` is the signal that ended a program, as a shell wrote it; empty if
    there was none.
    """

    text: str = ""
    last: str = ""
    runs: tuple[ToolRun, ...] = ()
    cut: bool = False
    killed: str = ""

    @property
    def tools(self) -> str:
        """The names of the tools, each once; empty if there is none."""
        return ", ".join(dict.fromkeys(run.tool.name for run in self.runs))


class BodyReader:
    """Takes one body. `command` is the one whose output the inbox expects; empty: none is expected."""

    def __init__(self, command: tuple[str, ...] = ()) -> None:
        self._lines = Lines()
        self._head = bytearray()
        self._end = bytearray()
        self._end_digest = hashlib.sha256()
        self._end_size = 0
        self._runs = ToolRuns(command)
        self._unpacking, self._decoding = Unpacking(), Decoding()

    def feed(self, chunk: bytes) -> None:
        """Takes the next bytes. They may be compressed; a byte order mark says if they are UTF-16 or UTF-32."""
        for piece in self._unpacking.feed(chunk):
            self._read(self._decoding.feed(piece))

    def end(self, *, cut: bool = False) -> Body:
        """Returns the body. `cut`: there was more that was not read."""
        self._read(self._decoding.feed(self._unpacking.end()) + self._decoding.end())
        self._take(self._lines.end())
        text = self._text()
        runs = self._runs.end()
        return Body(
            text=text,
            last=_last_lines(text),
            runs=runs,
            cut=cut or self._runs.too_many or self._unpacking.broken,
            killed=self._runs.killed,
        )

    def _read(self, chunk: bytes) -> None:
        self._keep(chunk)
        self._take(self._lines.feed(chunk))

    def _keep(self, chunk: bytes) -> None:
        room = _HEAD - len(self._head)
        if room > 0:
            self._head += chunk[:room]
            chunk = chunk[room:]
        self._end_digest.update(chunk)
        self._end += chunk
        self._end_size += len(chunk)
        if len(self._end) > _MOST_HELD:
            del self._end[: -(LIMIT - _HEAD)]

    def _text(self) -> str:
        end = bytes(self._end[-(LIMIT - _HEAD) :])
        if len(end) < self._end_size:
            # Both parts are cut at the end of a line: half of a secret would not be recognised, and so not be masked.
            # The digest tells bodies apart that differ only in what is left out.
            left_out = f"\n[… {self._end_size - len(end):,} bytes, {self._end_digest.hexdigest()[:16]}]\n"
            text = _head_of_key(self._head.decode("utf-8", "replace").rpartition("\n")[0])
            text += left_out + _tail_of_key(end.partition(b"\n")[2].decode("utf-8", "replace"))
        else:
            text = (bytes(self._head) + end).decode("utf-8", "replace")
        return redact_long(clean(text.replace("\r\n", "\n"))) if text else ""

    def _take(self, lines: list[str]) -> None:
        for line in lines:
            self._runs.take(line)


def _head_of_key(text: str) -> str:
    """Returns a text without the private key that begins in it and does not end there."""
    begins = [found.start() for found in _KEY_BEGINS.finditer(text)]
    return text[: begins[-1]] if begins and not _KEY_ENDS.search(text, begins[-1]) else text


def _tail_of_key(text: str) -> str:
    """Returns a text without the private key that ends in it and began before it."""
    end = _KEY_ENDS.search(text)
    return text[end.end() :] if end and not _KEY_BEGINS.search(text, 0, end.start()) else text


def _last_lines(text: str) -> str:
    """Returns the last lines of a text that are not blank, at most `TAIL_LINES` of them and `MAX_COMMENTS` characters.

    Of equal lines that follow each other, one is kept.
    """
    kept: list[str] = []
    room = MAX_COMMENTS
    for line in reversed(text[-2 * MAX_COMMENTS :].splitlines()):
        line = shorten(line.strip(), _LONGEST)
        if line and line not in kept[-1:]:
            room -= len(line) + 1
            if room < 0 or len(kept) >= TAIL_LINES:
                break
            kept.append(line)
    return "\n".join(reversed(kept))
