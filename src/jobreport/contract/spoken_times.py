"""Reads times and lengths of time as people say them: yesterday, last monday 18:00, 2 hours ago; 1h30m.

Only the documented forms are passed on to the library that computes them. Left to itself it guesses: it takes 10 for
the tenth of the month, and 03/04/2026 for a day that depends on where its user lives.
"""

import difflib
import re
from datetime import date, datetime
from typing import Final

_WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS: Final = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_NAMES: Final = ("minute", "hour", "day", "week", "month", "year")
_PLURALS: Final = tuple(f"{unit}s" for unit in _NAMES)
_WORDS: Final = ("now", "today", "yesterday", "last", "ago", "at", *_WEEKDAYS, *_MONTHS, *_NAMES, *_PLURALS)

_UNITS: Final = {"y": 365 * 86_400, "w": 604_800, "d": 86_400, "h": 3600, "m": 60, "s": 1}
_SPAN: Final = re.compile("".join(rf"(?:(\d{{1,9}}){unit}\s*)?" for unit in _UNITS))


def _either(names: tuple[str, ...]) -> str:
    """Returns the pattern of one of the names, in full or by its first three letters."""
    return "(?:" + "|".join(f"{name[:3]}(?:{name[3:]})?" if name[3:] else name for name in names) + ")"


_MONTH: Final = _either(_MONTHS)
_YEAR: Final = r"(?:,? (?:19|20|21)\d\d)?"
_DAY_OF_MONTH: Final = "(?:0?[1-9]|[12][0-9]|3[01])"
_DAY: Final = (
    rf"(?:today|yesterday|(?:last )?{_either(_WEEKDAYS)}|"
    rf"{_DAY_OF_MONTH} {_MONTH}{_YEAR}|{_MONTH} {_DAY_OF_MONTH}{_YEAR})"
)
_CLOCK: Final = r"(?:(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d)?|(?:0?[1-9]|1[0-2])(?::[0-5]\d)? ?[ap]m)"
_FORMS: Final = re.compile(
    rf"(?P<day>{_DAY})(?P<clock> (?:at )?{_CLOCK})?|now|(?:\d{{1,4}}|an?) (?:{'|'.join(_NAMES)})s? ago"
)


def seconds(text: str) -> int | None:
    """Returns the seconds of a duration such as 10m or 1h30m, the largest unit first; None for any other text."""
    text = text.strip().lower()
    match = _SPAN.fullmatch(text) if text else None
    if not match:
        return None
    return sum(int(number) * unit for number, unit in zip(match.groups(default="0"), _UNITS.values(), strict=True))


def read(text: str, now: datetime) -> datetime | date | None:
    """Returns the time that `text` says, or the day if it says no time of day; None if it has none of the forms.

    A weekday or a day without a year is the last one; of today's weekday, the one a week ago. `now` has no zone, and
    neither has the result: both are of the same clock. Raises ValueError for a day that the calendar lacks, such as
    31 november.
    """
    words = re.sub(r"\s+", " ", text.strip().lower())
    form = _FORMS.fullmatch(words)
    if not form:
        return None
    import dateparser  # takes half a second: only for who writes words

    # Versions before 1.5 do not know `last monday`; a weekday alone means the same to them.
    settings = {"RELATIVE_BASE": now, "PREFER_DATES_FROM": "past"}
    moment: datetime | None = dateparser.parse(words.removeprefix("last "), languages=["en"], settings=settings)
    if moment is None:
        raise ValueError(f"{text!r} is no day of the calendar")
    return moment.date() if form["day"] and not form["clock"] else moment


def nearest(text: str) -> str:
    """Returns `text` with its misspelled words set right; empty if that is not one of the forms either."""
    words = text.lower().split()
    near = [word if not word.isalpha() else next(iter(_near(word)), word) for word in words]
    corrected = " ".join(near)
    return corrected if near != words and _FORMS.fullmatch(corrected) else ""


def _near(word: str) -> list[str]:
    return difflib.get_close_matches(word, _WORDS, n=1, cutoff=0.7)
