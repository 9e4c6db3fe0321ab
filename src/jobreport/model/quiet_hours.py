"""Quiet hours: a time of each day, in a time zone, in which nobody is told anything. Messages wait until it ends."""

from datetime import date, timedelta
from typing import Final

import msgspec

from jobreport.model import nights
from jobreport.model.nights import NightHours

_EXAMPLE: Final = "such as 22:00-07:00"


class QuietHours(msgspec.Struct, frozen=True):
    """From a minute of the local day (`begin`) to another one (`end`), which may be on the next day, in a `zone`."""

    begin: int
    end: int
    zone: str

    def until(self, now: int) -> int:
        """Returns when the quiet hours end in which `now` lies; 0 if it lies in none (ticks)."""
        day = nights.night_of(NightHours(self.zone, self.begin), now)
        ends = nights.begin(NightHours(self.zone, self.end), self._last_day(day))
        return ends if ends > now else 0

    def _last_day(self, day: date) -> date:
        return day + timedelta(self.end <= self.begin)


def quiet_hours(text: str, zone: str) -> QuietHours:
    """Returns the quiet hours that a text such as 22:00-07:00 says. Raises ValueError; the message has an example."""
    begin, dash, end = (part.strip() for part in text.partition("-"))
    if not dash:
        raise ValueError(f"{text[:40]!r} are no two times of day with a dash between them, {_EXAMPLE}")
    first, last = nights.minute_of(begin), nights.minute_of(end)
    if first == last:
        raise ValueError(f"quiet hours that end when they begin would never end; give two times, {_EXAMPLE}")
    return QuietHours(first, last, zone)
