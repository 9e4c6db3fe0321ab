"""Calendar events, as systemd writes them in `OnCalendar=`.

At a change of the clocks, a time that the clocks skip is left out, and one that comes twice runs twice.
"""

from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from oncalendar import OnCalendarError, TzIterator

from jobreport.model import ticks

_NEAR: Final = 4 * 3600 * ticks.PER_SECOND


def first(event: str, zone: ZoneInfo, after: int) -> int:
    """Returns the first time of the event after `after` (ticks); 0 if there is none. It may name a zone of its own."""
    start = after if _offset(after - _NEAR, zone) == _offset(after + _NEAR, zone) else after - _NEAR
    # Near a change of the clocks it begins before that: otherwise a time that comes twice is not seen to do so.
    for found in TzIterator(event, ticks.local(start, zone)):
        if (moment := ticks.from_datetime(found)) > after:
            return moment
    return 0


def _offset(moment: int, zone: ZoneInfo) -> object:
    return ticks.local(moment, zone).utcoffset()


def fault(event: str) -> str:
    """Returns what is wrong with an event, in words that go on after it; empty if nothing is."""
    try:
        return "" if next(TzIterator(event, datetime(2026, 1, 1, tzinfo=UTC)), None) else "never comes any more"
    except OnCalendarError as error:
        return f"is no calendar event: {str(error)[:1].lower()}{str(error)[1:]}, such as Mon..Fri 02:00"
