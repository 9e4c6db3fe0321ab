"""Reads HTML as text, so that a rule finds in it what a person reads: a line for a row of a table, a tab between cells.

The parser is lxml's, in the extra `mail`. It builds no tree here, so much HTML takes little memory. Mails use tables
for their layout, too: a cell that has a table of its own, or is alone with several lines, gives lines of its own.
"""

import re
from collections.abc import Mapping
from typing import Final

import msgspec

from jobreport.extras import command_for
from jobreport.inbox.mail.charset import plain

DEEPEST: Final = 500
"""Elements inside each other."""

_SILENT: Final = frozenset({"head", "script", "style", "template", "title"})
_BREAKING: Final = (
    "address article aside blockquote body br caption dd div dl dt fieldset footer form h1 h2 h3 h4 h5 h6 header hr li "
    "main nav ol p pre section table tbody tfoot thead tr ul"
)
_LINES: Final = frozenset(_BREAKING.split())
"""Elements before and behind which a line ends."""
_CELLS: Final = frozenset({"td", "th"})
_BLANKS: Final = re.compile(r"[ \r\n\t\f]+")


class HtmlError(Exception):
    """Raised for HTML that is not read. The message says why."""


def text_of(html: str) -> str:
    """Returns the text of `html`. Raises HtmlError if it is nested too deep, or the parser is not installed."""
    try:
        from lxml import etree
    except ModuleNotFoundError:
        raise HtmlError(f"HTML is read by lxml, which is not installed: {command_for('mail')}") from None
    if not html.strip():
        return ""
    # An XML declaration or a meta element may name another encoding than these bytes have; so the parser is told it.
    parser = etree.HTMLParser(target=_Writer(), encoding="utf-8", no_network=True)
    parser.feed(html.encode("utf-8", "replace"))
    return str(parser.close())


class _Block(msgspec.Struct):
    """The body, or a cell: its lines, the line that is being written, and the cells of the row that is open in it."""

    lines: list[str] = []
    words: list[str] = []
    cells: list["_Block"] = []
    has_rows: bool = False

    def end_line(self) -> None:
        if line := "".join(self.words).rstrip():
            self.lines.append(line)
        self.words.clear()
        if self.cells:
            self._end_row()

    def _end_row(self) -> None:
        written = [cell for cell in self.cells if cell.lines]
        alone = len(written) == 1 and len(written[0].lines) > 1
        if alone or any(cell.has_rows for cell in written):
            for cell in written:
                self.lines.extend(cell.lines)
        elif written:
            self.lines.append("\t".join(" ".join(cell.lines) for cell in self.cells).rstrip("\t"))
        self.has_rows = True
        self.cells.clear()


class _Writer:
    """Takes the events of the parser, and writes the text. Its methods have the names that lxml calls."""

    def __init__(self) -> None:
        self._blocks = [_Block()]
        self._depth = 0
        self._silent = 0
        self._as_written = 0

    def start(self, tag: str, _attributes: Mapping[str, str]) -> None:
        self._depth += 1
        if self._depth > DEEPEST:
            raise HtmlError(f"its HTML has more than {DEEPEST} elements inside each other")
        if tag in _SILENT:
            self._silent += 1
        elif tag in _CELLS:
            self._blocks.append(_Block())
        elif tag in _LINES:
            self._blocks[-1].end_line()
            self._as_written += tag == "pre"

    def end(self, tag: str) -> None:
        self._depth -= 1
        if tag in _SILENT:
            self._silent -= 1
        elif tag in _CELLS:
            cell = self._blocks.pop()
            cell.end_line()
            self._blocks[-1].cells.append(cell)
        elif tag in _LINES:
            self._blocks[-1].end_line()
            self._as_written -= tag == "pre"

    def data(self, text: str) -> None:
        if self._silent:
            return
        block = self._blocks[-1]
        if self._as_written:
            first, *others = plain(text).split("\n")
            block.words.append(first)
            for line in others:
                block.end_line()
                block.words.append(line)
            return
        text = _BLANKS.sub(" ", plain(text))
        if not block.words or block.words[-1].endswith(" "):
            text = text.lstrip(" ")
        if text:
            block.words.append(text)

    def close(self) -> str:
        block = self._blocks[0]
        block.end_line()
        return "\n".join(block.lines)
