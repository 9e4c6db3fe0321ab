"""Takes the body of a ping piece by piece: keeps its beginning and end, and has a tool's reader read all of it.

So a body may be as long as the output of a night's backup, and takes little memory.
"""

import hashlib
import re
from typing import Final

import msgspec

from jobreport.inbox.pings.tool import ON_STDERR, counts_always, ends, shown_by, tool_of
from jobreport.runner.lines import Lines
from jobreport.runner.tools import Reader, Tool
from jobreport.runner.tools.redact import redact_long
from jobreport.runner.tools.text import MAX_COMMENTS, TAIL_LINES, clean, shorten

LIMIT: Final = 60_000
"""The bytes of a body that are kept. Of a longer one the first quarter of these and the rest from its end are."""
_HEAD: Final = LIMIT // 4
_MOST_HELD: Final = 4 * LIMIT
_MOST_UNREAD: Final = 1_000_000
"""Characters of lines that wait until a tool is recognised. After these, the body is no tool's."""
_A_LINE: Final = 50
"""Added to each of these lines, so that many short ones are not looked at for long."""
_KEY_BEGINS: Final = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----")
_KEY_ENDS: Final = re.compile(r"-----END [A-Z ]*PRIVATE KEY-----")
_LONGEST: Final = 400
"""Characters of one of the last lines."""


class Body(msgspec.Struct, frozen=True, kw_only=True):
    """A body that has been taken. `text` is what is kept of it, `last` its last lines, for people.

    `tool` has read it with `reader`; None if it is no tool's. `named`: the inbox names the tool. `counts`: the inbox
    names a command that counts always. `ended`: the body has what the tool prints last. `cut`: there was more than was
    read.
    """

    text: str = ""
    last: str = ""
    tool: Tool | None = None
    reader: Reader | None = None
    named: bool = False
    counts: bool = False
    ended: bool = True
    cut: bool = False


class BodyReader:
    """Takes one body. `command` is the one whose output the inbox expects; empty: what the body shows itself."""

    def __init__(self, command: tuple[str, ...] = ()) -> None:
        self._lines = Lines()
        self._head = bytearray()
        self._end = bytearray()
        self._digest = hashlib.sha256()
        self._size = 0
        self._command = command
        self._counts = bool(command) and counts_always(command)
        self._tool: Tool | None = None
        self._reader: Reader | None = None
        self._ended = False
        self._unread: list[str] = []
        self._waiting = 0
        self._named = bool(command)
        self._looks = not command
        if command:
            self._begin(command)

    def feed(self, chunk: bytes) -> None:
        """Takes the next bytes. NULs are left out, as in text of two bytes a character."""
        chunk = chunk.replace(b"\0", b"")
        self._keep(chunk)
        self._take(self._lines.feed(chunk))

    def end(self, *, cut: bool = False) -> Body:
        """Returns the body. `cut`: there was more that was not read."""
        self._take(self._lines.end())
        text = self._text()
        return Body(
            text=text,
            last=_last_lines(text),
            tool=self._tool,
            reader=self._reader,
            named=self._named,
            counts=self._counts,
            ended=self._ended,
            cut=cut,
        )

    def _keep(self, chunk: bytes) -> None:
        room = _HEAD - len(self._head)
        if room > 0:
            self._head += chunk[:room]
            chunk = chunk[room:]
        self._digest.update(chunk)
        self._end += chunk
        self._size += len(chunk)
        if len(self._end) > _MOST_HELD:
            del self._end[: -(LIMIT - _HEAD)]

    def _text(self) -> str:
        end = bytes(self._end[-(LIMIT - _HEAD) :])
        if len(end) < self._size:
            # Begin with a whole line, so that no half of a secret is kept that would not be recognised. The digest
            # tells bodies apart that differ only in what is left out.
            left_out = f"\n[… {self._size - len(end):,} bytes, {self._digest.hexdigest()[:16]}]\n"
            text = _head_of_key(self._head.decode("utf-8", "replace").rpartition("\n")[0])
            text += left_out + _tail_of_key(end.partition(b"\n")[2].decode("utf-8", "replace"))
        else:
            text = (bytes(self._head) + end).decode("utf-8", "replace")
        return redact_long(clean(text.replace("\r\n", "\n"))) if text else ""

    def _take(self, lines: list[str]) -> None:
        for line in lines:
            if self._reader is not None:
                self._read(line)
            elif self._looks:
                self._look(line)

    def _look(self, line: str) -> None:
        """Looks whether a line shows the tool; then that reads also what came before."""
        self._unread.append(line)
        self._waiting += len(line) + _A_LINE
        if command := shown_by(line):
            before, self._unread = self._unread, []
            self._begin(command)
            for one in before:
                self._read(one)
        elif self._waiting > _MOST_UNREAD:
            self._looks, self._unread = False, []

    def _begin(self, command: tuple[str, ...]) -> None:
        self._looks, self._command = False, command
        self._tool = tool_of(command)
        self._reader = self._tool.reader(command)
        self._ended = ends(command, "")

    def _read(self, line: str) -> None:
        assert self._tool is not None
        assert self._reader is not None
        self._reader.line("stderr" if self._tool.name in ON_STDERR else "stdout", line)
        self._ended = self._ended or ends(self._command, line)


def _head_of_key(text: str) -> str:
    """Returns a text without the private key that begins in it and does not end there."""
    begins = [found.start() for found in _KEY_BEGINS.finditer(text)]
    return text[: begins[-1]] if begins and not _KEY_ENDS.search(text, begins[-1]) else text


def _tail_of_key(text: str) -> str:
    """Returns a text without the private key that ends in it and began before it."""
    end = _KEY_ENDS.search(text)
    return text[end.end() :] if end and not _KEY_BEGINS.search(text, 0, end.start()) else text


def _last_lines(text: str) -> str:
    """Returns the last lines of a text that are not blank, as long as comments of a tool may be."""
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
