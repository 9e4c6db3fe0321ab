"""Ordinal numbers in words: 1st, 2nd, 11th."""

from typing import Final

_ENDINGS: Final = {1: "st", 2: "nd", 3: "rd"}


def nth(number: int) -> str:
    """Returns a number (from 1) as one says it of one of a row: 1st, 2nd, 3rd, 4th, 11th, 22nd, 1,000th."""
    last = number % 10 if number % 100 not in (11, 12, 13) else 0
    return f"{number:,}{_ENDINGS.get(last, 'th')}"
