"""Reads numbers, sizes, lengths of time and JSON in the output of tools, and makes short, clean texts of their words.

Nothing here ever raises: a line that is not in the expected form gives 0 or nothing.
"""

import math
import re
from collections import deque
from collections.abc import Iterable
from typing import Any, Final

import msgspec

from jobreport.model.job import INT64_MAX
from jobreport.runner.redact import redact

MAX_COMMENTS: Final = 2_000
"""Characters of a tool's last words that are kept."""
TAIL_LINES: Final = 10
_MAX_LINE: Final = 400
_SCANNED: Final = 2_000
"""Characters of one line: a URL that begins within what is kept ends within these, so it is redacted whole."""
_ELLIPSIS: Final = "…"
_ESCAPES: Final = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[()][0-9A-Za-z]|[=>78cDEHMZ])")
_UNITS: Final = {"": 0, "K": 1, "M": 2, "G": 3, "T": 4, "P": 5, "E": 6}
_SIZE: Final = re.compile(r"\s*([\d.,]{1,40})\s*([KMGTPE]?)(i?)(B|bytes)?", re.IGNORECASE)
_SECONDS: Final = {
    "y": 365.25 * 86_400,
    "w": 7 * 86_400,
    "d": 86_400,
    "h": 3_600,
    "min": 60,
    "m": 60,
    "s": 1,
    "ms": 0.001,
    "µs": 0.000_001,
}
_LENGTH: Final = re.compile(rf"(\d{{1,9}}(?:\.\d{{1,9}})?)\s*({'|'.join(_SECONDS)})(?![a-z])", re.ASCII)
_MAX_LENGTH: Final = 100
"""Characters in which a length of time is looked for."""


def whole(value: object) -> int:
    """Returns a number from a tool's JSON or text (also inside a string, with thousands separators); else 0."""
    if isinstance(value, str):
        digits = value.strip().replace(",", "")
        if len(digits) > 40:
            return INT64_MAX if digits.isdecimal() else 0
        try:
            value = int(digits) if digits.isdecimal() else float(digits)
        except ValueError:
            return 0
    if isinstance(value, bool) or not isinstance(value, int | float):
        return 0
    if isinstance(value, float):
        if math.isnan(value):
            return 0
        value = int(min(max(value, 0.0), float(INT64_MAX)))
    return min(max(value, 0), INT64_MAX)


def size_of(text: str, *, decimal: bool = False) -> int:
    """Returns the bytes of a text such as `58.6 KiB` or `1,024 bytes`; `decimal`: a K without i is 1000."""
    match = _SIZE.match(text)
    if match is None:
        return 0
    base = 1000 if decimal and not match[3] else 1024
    try:
        number = float(match[1].replace(",", ""))
    except ValueError:
        return 0
    return whole(number * base ** _UNITS[match[2].upper()])


def seconds_of(text: str) -> float:
    """Returns the seconds of a length of time such as `1h2m3.5s`, `2min 3s` or `850ms`."""
    return sum(float(number) * _SECONDS[unit] for number, unit in _LENGTH.findall(text[:_MAX_LENGTH]))


def json_object(text: str) -> dict[str, Any] | None:
    """Returns the JSON object in `text`; None for anything else, such as a plain line among JSON lines."""
    value = json_value(text) if text.lstrip()[:1] == "{" else None
    return value if isinstance(value, dict) else None


def json_value(text: str) -> object:
    """Returns the JSON value in `text`, or None."""
    try:
        return msgspec.json.decode(text)
    except (ValueError, RecursionError):  # hostile nesting ends in the latter
        return None


def string(value: object) -> str:
    """Returns `value` if it is a text, else an empty one."""
    return value if isinstance(value, str) else ""


def child(value: dict[str, Any] | None, name: str) -> dict[str, Any]:
    """Returns the object under `name`; empty if there is none."""
    member = value.get(name) if value else None
    return member if isinstance(member, dict) else {}


def clean(text: str) -> str:
    """Returns `text` as the server accepts it: no terminal escapes, NUL, control characters or half of a surrogate
    pair.
    """
    if text.isprintable():
        return text
    text = without_escapes(text).encode("utf-8", "replace").decode()
    return "".join(c if c.isprintable() or c == "\n" else " " for c in text)


def without_escapes(text: str) -> str:
    """Returns `text` without the escapes by which a terminal shows colours, moves its cursor or gets a title."""
    return _ESCAPES.sub("", text) if "\x1b" in text else text


def shorten(text: str, limit: int) -> str:
    """Returns `text`; if it is longer than `limit` characters, it is cut and marked."""
    return text if len(text) <= limit else text[: limit - 1] + _ELLIPSIS


def names(items: Iterable[str], limit: int = 500) -> str:
    """Returns `a, b, c`; if it grows too long, it is cut and marked."""
    return shorten(", ".join(items), limit)


def plural(number: int, noun: str) -> str:
    """Returns a number with its noun: `1 file`, `2,000 files`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


class Tail:
    """Keeps the last lines that were added, in order. They are cleaned and redacted when they are read."""

    def __init__(self, lines: int = TAIL_LINES) -> None:
        self._lines: deque[str] = deque(maxlen=lines)

    def add(self, line: str) -> None:
        """Keeps `line` unless it is blank or repeats the newest line."""
        line = line[:_SCANNED].replace("\n", " ").strip()
        if line and (not self._lines or self._lines[-1] != line):
            self._lines.append(line)

    def text(self, limit: int = MAX_COMMENTS) -> str:
        """Returns at most `limit` characters, newest last. If there are more, the oldest lines are left out."""
        kept: deque[str] = deque()
        room = limit
        for line in reversed(self._lines):
            line = shorten(redact(clean(line)), _MAX_LINE)
            if len(line) + 1 > room:
                break
            room -= len(line) + 1
            kept.appendleft(line)
        return "\n".join(kept)
