"""Converts the text of a parameter into its value: one function for each kind of value.

Each returns None for a text that counts as left out, and raises ValueError with a message for people.
"""

import re
from collections.abc import Callable
from datetime import UTC, date
from enum import IntEnum
from typing import Final

from jobreport.contract.job_document import code
from jobreport.model import ticks, zones
from jobreport.model.job import CAUSES
from jobreport.model.query import MAX_PAGE_SIZE, Sort, SortKey
from jobreport.model.spelling import meant

SORTS: Final = {f"{sign}{key}": Sort(key, bool(sign)) for key in SortKey for sign in ("", "-")}
"""Each sort order by its name. A minus before the name means descending."""

DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
"""The pattern of a date without a time. When that day begins and ends depends on a time zone."""

OWN_CAUSE: Final = r"x-[0-9a-f]{10}"
"""The pattern of the code of a cause that only comments tell (`model.cause`)."""

_SORTS_FOLDED: Final = {name.casefold(): sort for name, sort in SORTS.items()}
_WHOLE: Final = re.compile(r"-?[0-9]{1,19}")
_SHOWN: Final = 40  # characters of a value that a message repeats


def text_of(limit: int) -> Callable[[str], str | None]:
    """Returns a converter for texts of at most `limit` characters."""

    def convert(text: str) -> str | None:
        if len(text) > limit:
            raise ValueError(f"has {len(text)} characters; at most {limit} are taken")
        if "\0" in text:
            raise ValueError("holds a NUL, which no text of a job has")
        return text or None

    return convert


def cause(text: str) -> str | None:
    """Returns the code of a cause, in any case."""
    code = text.casefold()
    if code and code not in CAUSES and not re.fullmatch(OWN_CAUSE, code):
        raise ValueError(meant(text, CAUSES, f"must be one of {', '.join(CAUSES)}, or a code that an answer told: x-…"))
    return code or None


def since(text: str, zone: str = zones.DEFAULT) -> int | None:
    """Returns the lower end of a range, in ticks; None for .NET's unset time.

    A date without a time, such as 2024-01-01, is its first moment in `zone` (contract, "Generation 2").
    """
    time = _ticks(text, zone)
    return _real(text, time) if time else None


def until(text: str, zone: str = zones.DEFAULT) -> int | None:
    """Returns the upper end of a range, in ticks; None from the year 9999 on. A date without a time
    is its last moment.
    """
    time = _ticks(text, zone)
    if not time or ticks.YEAR_9999 <= time < 2**63:
        return None
    start, day = _real(text, time), _day(text)
    return min(zones.day_end(zone, day), ticks.YEAR_2200 - 1) if day else start


def _day(text: str) -> date | None:
    """Returns the day that a text such as 2024-01-01 names; None for any other form."""
    try:
        return date.fromisoformat(text) if DAY.fullmatch(text) else None
    except ValueError:
        raise ValueError("is no day of the calendar") from None


def _ticks(text: str, zone: str) -> int:
    if not text or _WHOLE.fullmatch(text):
        return int(text or 0)
    if day := _day(text):
        return zones.day_start(zone, day)
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
    """Returns a converter for a code of the contract, given by its number or by its name in any case."""

    def convert(text: str) -> IntEnum | None:
        if not text or (text == "0" and zero_is_unset):
            return None
        return code(codes, int(text) if _WHOLE.fullmatch(text) else text)

    return convert


def number_of(least: int, most: int) -> Callable[[str], int | None]:
    """Returns a converter for a whole number from `least` to `most`."""

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
    """Returns how many jobs a page has; None (the default) for 0."""
    return _size(text) or None


def duration(text: str) -> int | None:
    """Returns a duration in ticks."""
    # The limit is longer than any job can take, and small enough for 64 bits.
    return min(ticks.from_duration(text), ticks.YEAR_2200) if text else None


def written_duration(length: int) -> str:
    """Returns a duration, given in ticks, as a text that `duration` accepts."""
    return f"{ticks.duration(0, length)}.{length % ticks.PER_SECOND:07d}"


def sort(text: str) -> Sort | None:
    """Returns the order with this name, in any case."""
    if text and text.casefold() not in _SORTS_FOLDED:
        rest = f"must be one of {', '.join(SORTS)}; a minus before it is for descending"
        raise ValueError(meant(text, SORTS, rest))
    return _SORTS_FOLDED[text.casefold()] if text else None


def written_sort(order: Sort) -> str:
    """Returns the name of an order."""
    return f"{'-' if order.descending else ''}{order.key}"
