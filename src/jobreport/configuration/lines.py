"""Finds the line in which a TOML file says something, so that a message can name it. The parser does not tell lines.

Whole lines from the beginning of a file are a file too, unless they end amid a value of several lines. So the shortest
such beginning that has what is looked for ends with it.
"""

import tomllib
from collections.abc import Sequence
from typing import Any

Path = tuple[str | int, ...]
"""Where something stands: the names of tables and keys, and the positions in lists, from 0."""


def line_of(text: str, path: Path) -> int:
    """Returns the number of the line, from 1, in which the file begins to say what stands at `path`.

    The text must be good TOML that has it.
    """
    lines = text.replace("\r\n", "\n").split("\n")
    low, high, found = 0, len(lines), len(lines)
    while low < high:
        middle = (low + high) // 2
        end, document = _beginning(lines, middle, found)
        if document is None or _holds(document, path):
            found, high = (found if document is None else end), middle
        else:
            low = end + 1
    before = found - 1
    while _parsed(lines, before) is None:
        before -= 1
    return before + 1


def _beginning(lines: Sequence[str], least: int, before: int) -> tuple[int, dict[str, Any] | None]:
    """Returns the shortest beginning with at least so many lines that is a file, and its document; None if all that are
    shorter than `before` end amid a value.
    """
    for number in range(least, before):
        if (document := _parsed(lines, number)) is not None:
            return number, document
    return before, None


def _parsed(lines: Sequence[str], number: int) -> dict[str, Any] | None:
    try:
        return tomllib.loads("\n".join([*lines[:number], ""]))
    except tomllib.TOMLDecodeError:
        return None


def _holds(document: Any, path: Path) -> bool:
    for part in path:
        if isinstance(part, int):
            if not isinstance(document, list) or part >= len(document):
                return False
        elif not isinstance(document, dict) or part not in document:
            return False
        document = document[part]
    return True
