"""When runs of an expectation are due: the times of all its schedules, without the days on which nothing is.

At a change of the clocks each kind does as its own scheduler does. A time is computed once for all series for which it
is the same.
"""

from bisect import bisect_right
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from datetime import time as datetime_time
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from jobreport.model import ticks
from jobreport.model.errors import FieldError
from jobreport.model.expectation import Expectation
from jobreport.watch.schedules import calendar, cron
from jobreport.watch.schedules.days_off import is_off

_MOST: Final = 1_000
"""On so many days in a row nothing may be due."""
_CLOSEST: Final = 60 * ticks.PER_SECOND
"""Two due times are at least so far from each other (ticks)."""
_LOOKED_AT: Final = 100
"""So many due times are looked at for that."""
_ANY_DAY: Final = ticks.from_iso("2026-01-01T00:00:00Z")


@lru_cache(maxsize=65_536)
def following(one: Expectation, zone: str, after: int) -> int:
    """Returns the first time after `after` at which a run is due (ticks), in this zone unless the expectation has one;
    0 if there is none.
    """
    found, where = after, ZoneInfo(zone_of(one, zone))
    for _ in range(_MOST):
        found = _next(one, zone, found)
        if not found or not is_off(one, ticks.local(found, where).date()):
            return found
        found = _end_of_day(one, found, where)
    return 0


def zone_of(one: Expectation, zone: str) -> str:
    """Returns the zone of an expectation of a tenant whose zone is `zone`."""
    return one.zone or zone


@lru_cache(maxsize=4_096)
def open_until(one: Expectation, zone: str, now: int) -> int:
    """Returns until when a maintenance window is open at `now` (ticks); 0 if none is."""
    ends = [0]
    for window in one.windows:
        if window.cron:
            begun = cron.last(window.cron, ZoneInfo(zone_of(one, zone)), now)
            if begun and begun + window.length > now:
                ends.append(begun + window.length)
        elif window.begins <= now < window.ends:
            ends.append(window.ends)
    return max(ends)


@lru_cache(maxsize=4_096)
def opens(one: Expectation, zone: str, now: int) -> int:
    """Returns when the next maintenance window opens after `now` (ticks); 0 if none does."""
    where = ZoneInfo(zone_of(one, zone))
    begins = [cron.first(window.cron, where, now) if window.cron else window.begins for window in one.windows]
    return min((time for time in begins if time > now), default=0)


def _end_of_day(one: Expectation, time: int, where: ZoneInfo) -> int:
    """Returns the time after which a run may be due again, since nothing is on the day of this due time."""
    midnight = datetime.combine(ticks.local(time, where).date() + timedelta(1), datetime_time(), where)
    left = ticks.from_datetime(midnight.astimezone(UTC)) - 1 - time
    # An interval goes on at its own pace.
    return time + (left - left % one.every if one.every else left)


def _next(one: Expectation, zone: str, after: int) -> int:
    where = ZoneInfo(zone_of(one, zone))
    times = [cron.first(line, where, after) for line in one.cron]
    times += [calendar.first(event, where, after) for event in one.calendar]
    times += one.at[bisect_right(one.at, after) :][:1]
    if one.every:
        times.append(after + one.every)
    return min(filter(None, times), default=0)


def faults(one: Expectation) -> list[FieldError]:
    """Returns a fault for each schedule or window that cannot be read, or never comes."""
    lines = [("cron", line, cron.fault(line)) for line in one.cron]
    lines += [("calendar", event, calendar.fault(event)) for event in one.calendar]
    for number, window in enumerate(one.windows):
        if window.cron:
            lines.append((f"windows[{number}]", window.cron, cron.fault(window.cron)))
    found = [FieldError(field, f"{line!r} {fault}") for field, line, fault in lines if fault]
    return found or [*_too_close(one)]


def _too_close(one: Expectation) -> Iterator[FieldError]:
    """Gives a fault for each calendar event that comes more often than a run can be looked after."""
    for event in one.calendar:
        where, begins = ZoneInfo("UTC"), _ANY_DAY
        for _ in range(_LOOKED_AT):
            found = calendar.first(event, where, begins)
            if not found:
                break
            if found - begins < _CLOSEST and begins != _ANY_DAY:
                yield FieldError(
                    "calendar", f"{event!r} comes again within a minute; a run is due once a minute at most"
                )
                break
            begins = found
