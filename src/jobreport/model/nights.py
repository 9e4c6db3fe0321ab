"""The night of a tenant: from an hour of its local time to the same hour of the next day.

A night is named by the day on which it begins.

A night begins at the first moment at which the clocks of the zone show its day and hour, or a later time. So it begins
when the clocks skip its hour; and at the first of the two, if its hour comes twice. No moment is in two nights or in
none. A night has 24 hours, and 23 or 25 where the clocks change. (Where a zone skipped a whole day, as Samoa did in
2011, the nights about it are short, or one is empty.)

The night of a job is that in which it ended. A job that has not ended belongs to no night.
"""

import re
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from jobreport.model import ticks, zones
from jobreport.model.zones import Stretch

MINUTES_A_DAY: Final = 24 * 60
DEFAULT_MINUTE: Final = 18 * 60
"""The minute of the local day at which a night begins, unless the tenant has another: 18:00."""
_TIME: Final = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])")
_PER_MINUTE: Final = 60 * ticks.PER_SECOND


class NightHours(msgspec.Struct, frozen=True):
    """When the nights of a tenant begin: a `minute` of the local day (0 to 1439) in a time zone (an IANA name)."""

    zone: str = zones.DEFAULT
    minute: int = DEFAULT_MINUTE

    @property
    def time(self) -> str:
        """The time of day, such as 18:00."""
        return f"{self.minute // 60:02d}:{self.minute % 60:02d}"


DEFAULT: Final = NightHours()


def minute_of(text: str) -> int:
    """Returns the minute of the day of a time such as 18:00. Raises ValueError for any other form."""
    if not (time := _TIME.fullmatch(text)):
        raise ValueError(f"{text[:40]!r} is no time of day from 00:00 to 23:59, such as 18:00")
    return int(time[1]) * 60 + int(time[2])


@lru_cache(maxsize=4096)
def begin(hours: NightHours, day: date) -> int:
    """Returns the ticks at which the night of a day (1970 to 2199) begins."""
    zone = ZoneInfo(hours.zone)
    time_ = time(hours.minute // 60, hours.minute % 60)
    early, late = sorted(ticks.from_datetime(datetime.combine(day, time_.replace(fold=fold), zone)) for fold in (0, 1))
    shown = ticks.to_datetime(early).astimezone(zone)
    if (shown.date(), shown.time()) == (day, time_):
        return early
    # The clocks never show this time: the two readings of it lie before and after the change that skips it.
    return zones.stretches(hours.zone, early, late)[-1].since


def bounds(hours: NightHours, day: date) -> tuple[int, int]:
    """Returns the first and the last tick of the night of a day. The first is the later one if the night is empty."""
    return begin(hours, day), begin(hours, day + timedelta(1)) - 1


def night_of(hours: NightHours, moment: int) -> date:
    """Returns the day of the night in which a moment lies (ticks from 1970 to 2199)."""
    local = ticks.to_datetime(moment).astimezone(ZoneInfo(hours.zone)).replace(tzinfo=None)
    day = (local - timedelta(minutes=hours.minute)).date()
    while begin(hours, day) > moment:
        day -= timedelta(1)
    while begin(hours, day + timedelta(1)) <= moment:
        day += timedelta(1)
    return day


def last_night(hours: NightHours, now: int) -> date:
    """Returns the day of the last night: the one that began yesterday in its zone. It may still run."""
    return ticks.to_datetime(now).astimezone(ZoneInfo(hours.zone)).date() - timedelta(1)


def stretches(hours: NightHours, since: int, until: int) -> list[Stretch]:
    """Returns the time from `since` to `until` (ticks, both included), cut so that the night is found by adding.

    A moment in a stretch belongs to the night of day `(moment + offset) // ticks.PER_DAY`. So the offset is that of the
    zone less the time of day at which a night begins.
    """
    later = hours.minute * _PER_MINUTE
    uncut: list[Stretch] = []
    before: int | None = None
    # From a day earlier, since a change just before `since` may matter, too.
    for stretch in zones.stretches(hours.zone, since - ticks.PER_DAY, until):
        first, last, offset = stretch.since, stretch.until, stretch.offset - later
        again = 0 if before is None else _shown_again(first, before, offset)
        if before is not None and again:
            # The night has begun already. That its hour comes once more changes nothing.
            uncut.append(Stretch(first, min(last, first + again - 1), before))
        if first + again <= last:
            uncut.append(Stretch(first + again, last, offset))
        before = offset
    return [one._replace(since=max(since, one.since)) for one in uncut if one.until >= since]


def _shown_again(change: int, before: int, after: int) -> int:
    """Returns how many ticks after a change of the clocks the hour of the night is shown for the second time; 0 if it
    is not. `before` and `after` are the offsets, as those of `stretches`.
    """
    shown, again = change + before, change + after
    hour = shown // ticks.PER_DAY * ticks.PER_DAY
    return hour - again if again < hour < shown else 0
