"""The text of a parameter in; its value out, or None where it is as if left out.

ValueError with a message for people.
"""

import re
from collections.abc import Callable
from datetime import UTC
from enum import IntEnum
from typing import Final

from jobreport.contract.job_document import code
from jobreport.model import ticks
from jobreport.model.query import MAX_PAGE_SIZE, Sort, SortKey

SORTS: Final = {f"{sign}{key}": Sort(key, bool(sign)) for key in SortKey for sign in ("", "-")}
"""Each order by its name; a minus is for descending."""

_SORTS_FOLDED: Final = {name.casefold(): sort for name, sort in SORTS.items()}
_WHOLE: Final = re.compile(r"-?[0-9]{1,19}")
_SHOWN: Final = 40  # characters of a value that a message repeats


def text_of(limit: int) -> Callable[[str], str | None]:
    """A text of at most `limit` characters."""

    def convert(text: str) -> str | None:
        if len(text) > limit:
            raise ValueError(f"has {len(text)} characters; at most {limit} are taken")
        if "\0" in text:
            raise ValueError("holds a NUL, which no text of a job has")
        return text or None

    return convert


def since(text: str) -> int | None:
    """The lower end of a range, in ticks (contract, "Generation 2"); .NET's unset time is none."""
    found = _ticks(text)
    return _real(text, found) if found else None


def until(text: str) -> int | None:
    """The upper end of a range, in ticks; from the year 9999 on it is none."""
    found = _ticks(text)
    return None if not found or ticks.YEAR_9999 <= found < 2**63 else _real(text, found)


def _ticks(text: str) -> int:
    if not text or _WHOLE.fullmatch(text):
        return int(text or 0)
    try:
        return ticks.from_iso(text, zone=UTC)
    except ValueError as error:
        hint = "; in a URL a + is written %2B" if " " in text else ""
        raise ValueError(f"{error}{hint}") from None


def _real(text: str, found: int) -> int:
    if _WHOLE.fullmatch(text):
        return ticks.check(found)
    if not ticks.UNIX_EPOCH <= found < ticks.YEAR_2200:
        raise ValueError("lies outside the years 1970 to 2199")
    return found


def code_of(codes: type[IntEnum], *, zero_is_unset: bool = False) -> Callable[[str], IntEnum | None]:
    """A code of the contract, by number or by name in any case."""

    def convert(text: str) -> IntEnum | None:
        if not text or (text == "0" and zero_is_unset):
            return None
        return code(codes, int(text) if _WHOLE.fullmatch(text) else text)

    return convert


def number_of(least: int, most: int) -> Callable[[str], int | None]:
    """A whole number in these bounds."""

    def convert(text: str) -> int | None:
        if not text:
            return None
        if not _WHOLE.fullmatch(text):
            shown = text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"
            raise ValueError(f"must be a whole number, not {shown!r}")
        if not least <= (number := int(text)) <= most:
            raise ValueError(f"must be from {least} to {most}")
        return number

    return convert


_size: Final = number_of(0, MAX_PAGE_SIZE)


def page_size(text: str) -> int | None:
    """How many jobs a page has; 0 is for the default."""
    return _size(text) or None


def duration(text: str) -> int | None:
    """A length of time, in ticks."""
    # The most is beyond what any job can take, and still a number of 64 bits.
    return min(ticks.from_duration(text), ticks.YEAR_2200) if text else None


def written_duration(length: int) -> str:
    """A length of time, in ticks, as a text that `duration` takes."""
    return f"{ticks.duration(0, length)}.{length % ticks.PER_SECOND:07d}"


def sort(text: str) -> Sort | None:
    """An order, by its name in any case."""
    if text and text.casefold() not in _SORTS_FOLDED:
        raise ValueError(f"must be one of {', '.join(SORTS)}; a minus before it is for descending")
    return _SORTS_FOLDED[text.casefold()] if text else None


def written_sort(order: Sort) -> str:
    """An order's name."""
    return f"{'-' if order.descending else ''}{order.key}"
