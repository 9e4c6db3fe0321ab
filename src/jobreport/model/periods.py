"""Weeks and months, as numbers that can be counted and compared, and their names.

Day 0 is 0001-01-01, which was a Monday. So the number of a day's week is a seventh of the day's number.
"""

from collections.abc import Iterator
from datetime import date
from typing import Final

from jobreport.model import ticks
from jobreport.model.zones import Stretch

DAYS_A_WEEK: Final = 7
_MONTHS: Final = 12


def week_of(day: int) -> int:
    """Returns the number of the week in which a day lies. Weeks begin on Monday (ISO 8601)."""
    return day // DAYS_A_WEEK


def week_name(week: int) -> str:
    """Returns the ISO 8601 name of a week, such as `2026-W48`."""
    year, number, _ = date.fromordinal(week * DAYS_A_WEEK + 1).isocalendar()
    return f"{year:04d}-W{number:02d}"


def month_of(day: int) -> int:
    """Returns the number of the month in which a day lies."""
    first = date.fromordinal(day + 1)
    return first.year * _MONTHS + first.month - 1


def month_name(month: int) -> str:
    """Returns the ISO 8601 name of a month, such as `2026-11`."""
    return f"{month // _MONTHS:04d}-{month % _MONTHS + 1:02d}"


def months(stretch: Stretch) -> Iterator[tuple[int, Stretch]]:
    """Gives each local month of a stretch: its number, and the part of the stretch that is in it."""
    since = stretch.since
    while since <= stretch.until:
        month = month_of((since + stretch.offset) // ticks.PER_DAY)
        following = date((month + 1) // _MONTHS, (month + 1) % _MONTHS + 1, 1).toordinal() - 1
        begin = following * ticks.PER_DAY - stretch.offset
        yield month, Stretch(since, min(begin - 1, stretch.until), stretch.offset)
        since = begin
