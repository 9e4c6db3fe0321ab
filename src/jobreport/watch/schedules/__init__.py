"""When runs of an expectation are due: the times of all its schedules, without the days on which nothing is.

At a change of the clocks each kind does as its own scheduler does. A time is computed once for all series for which it
is the same.
"""

from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from jobreport.model import ticks
from jobreport.model.errors import FieldError
from jobreport.model.expectation import Expectation
from jobreport.watch.schedules import calendar, cron
from jobreport.watch.schedules.days_off import is_off

_MOST: Final = 1_000
"""So many due times in a row may lie on days on which nothing is due."""


@lru_cache(maxsize=65_536)
def following(one: Expectation, zone: str, after: int) -> int:
    """Returns the first time after `after` at which a run is due (ticks), in this zone unless the expectation has one;
    0 if there is none.
    """
    found = after
    for _ in range(_MOST):
        found = _next(one, zone, found)
        if not found or not is_off(one, ticks.local(found, ZoneInfo(zone_of(one, zone))).date()):
            return found
    return 0


def zone_of(one: Expectation, zone: str) -> str:
    """Returns the zone of an expectation of a tenant whose zone is `zone`."""
    return one.zone or zone


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


def _next(one: Expectation, zone: str, after: int) -> int:
    where = ZoneInfo(zone_of(one, zone))
    times = [cron.first(line, where, after) for line in one.cron]
    times += [calendar.first(event, where, after) for event in one.calendar]
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
    return [FieldError(field, f"{line!r} {fault}") for field, line, fault in lines if fault]
