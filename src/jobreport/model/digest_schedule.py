"""When a digest is due: each day, on one day of the week or of the month, at a time of day in a time zone.

Where the clocks skip that time, it is due when they skip it; where it comes twice, at the first of the two.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

import msgspec

from jobreport.model import nights
from jobreport.model.nights import NightHours

LAST_DAY: Final = 28
"""The last day of the month that each month has."""
_LONGEST: Final = 62
"""So many days in a row have at least one on which any digest is due."""


class Schedule(msgspec.Struct, frozen=True, kw_only=True):
    """The time of `at`; on the `weekday` (0: Monday), or on the `day` of the month; None: on each."""

    at: NightHours
    weekday: int | None = None
    day: int | None = None

    def last(self, now: int) -> int:
        """Returns when it was due last, at `now` or before (ticks)."""
        return next(self._due(nights.night_of(self.at, now), -1))

    def following(self, now: int) -> int:
        """Returns when it is due next, after `now` (ticks)."""
        return next(self._due(nights.night_of(self.at, now) + timedelta(1), 1))

    def _due(self, first: date, step: int) -> Iterator[int]:
        for place in range(_LONGEST):
            one = first + timedelta(step * place)
            if self.weekday in (None, one.weekday()) and self.day in (None, one.day):
                yield nights.begin(self.at, one)
