"""The night that the overview is about: the last one, or on a Monday the three of the weekend."""

from datetime import date, timedelta
from typing import Final

import msgspec

from jobreport.model import nights, ticks
from jobreport.model.nights import NightHours
from jobreport.monitor.texts import Times

STRIP: Final = 30
"""The number of nights that are shown of the past."""
LONGEST: Final = 7 * ticks.PER_DAY
"""Jobs that took longer than this (ticks) may be missing in the strips of series."""
_DAY: Final = timedelta(1)
_SUNDAY: Final = 6


class Period(msgspec.Struct, frozen=True, kw_only=True):
    """Some nights, from the `first` to the `last` (the days on which they begin). `is_chosen`: the address names it."""

    hours: NightHours
    first: date
    last: date
    is_chosen: bool = False

    @property
    def since(self) -> int:
        """The first moment, in ticks."""
        return nights.begin(self.hours, self.first)

    @property
    def until(self) -> int:
        """The last moment, in ticks."""
        return nights.bounds(self.hours, self.last)[1]

    @property
    def is_weekend(self) -> bool:
        """Whether it has several nights."""
        return self.first != self.last

    @property
    def days(self) -> list[date]:
        """The days on which its nights begin."""
        return [self.first + _DAY * place for place in range((self.last - self.first).days + 1)]

    @property
    def before(self) -> date:
        """The night before it."""
        return self.first - _DAY

    def after(self, now: int) -> date | None:
        """The night after it; None if that has not begun."""
        following = self.last + _DAY
        return following if following <= nights.night_of(self.hours, now) else None

    def name(self, times: Times) -> str:
        """What it is called: `Weekend, Fri 20 Nov 18:00 to Mon 23 Nov 07:58`."""
        begin, end = times.local(self.since), times.local(min(self.until + 1, times.now))
        written = f"{begin:%a} {begin.day} {begin:%b %H:%M} to {end:%a} {end.day} {end:%b %H:%M}"
        return f"{'Weekend' if self.is_weekend else 'Night'}, {written}"


def period_of(hours: NightHours, now: int, chosen: date | None = None) -> Period:
    """Returns the chosen night; or the last one, and on a Monday the weekend: since Friday evening."""
    if chosen is not None:
        return Period(hours=hours, first=chosen, last=chosen, is_chosen=True)
    last = nights.last_night(hours, now)
    return Period(hours=hours, first=last - 2 * _DAY if last.weekday() == _SUNDAY else last, last=last)


def past(hours: NightHours, now: int, number: int = STRIP) -> list[date]:
    """Returns the days of the last so many nights, the present one last."""
    last = nights.night_of(hours, now)
    return [last - _DAY * (number - 1 - place) for place in range(number)]


def bounds(hours: NightHours, days: list[date]) -> tuple[int, int]:
    """Returns the first and the last moment of these nights, which follow each other, in ticks."""
    return nights.begin(hours, days[0]), nights.bounds(hours, days[-1])[1]


def day_of(text: str) -> date | None:
    """Returns the day that an address names, such as `2026-11-20`; None if it names none from 1970 to 2199."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if 1970 < found.year < ticks.to_datetime(ticks.YEAR_2200).year - 1 else None
