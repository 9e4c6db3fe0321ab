"""Calendar events, as systemd writes them in `OnCalendar=`.

At a change of the clocks, a time that the clocks skip is left out, and one that comes twice runs the first time.
"""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from oncalendar import OnCalendarError, TzIterator

from jobreport.model import ticks


def first(event: str, zone: ZoneInfo, after: int) -> int:
    """Returns the first time of the event after `after` (ticks); 0 if there is none. It may name a zone of its own."""
    found = next(TzIterator(event, ticks.local(after, zone)), None)
    return ticks.from_datetime(found) if found else 0


def fault(event: str) -> str:
    """Returns what is wrong with an event, in words that go on after it; empty if nothing is."""
    try:
        return "" if next(TzIterator(event, datetime(2026, 1, 1, tzinfo=UTC)), None) else "never comes any more"
    except OnCalendarError as error:
        return f"is no calendar event: {str(error)[:1].lower()}{str(error)[1:]}, such as Mon..Fri 02:00"
