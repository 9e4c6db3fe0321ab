"""Reads the days of a calendar file (iCalendar, RFC 5545): on each day that an event of it covers, nothing is due.

Only what a list of holidays or closed days has is read: whole days, once or every year. An event that repeats otherwise
is refused, since a day that is left out silently would be told as a missed backup.
"""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

MAX_BYTES: Final = 1024 * 1024
"""The most bytes of a calendar file."""
YEARS: Final = 10
"""Of an event that repeats every year, the days of so many years are taken, from the last year on."""
_LINE: Final = re.compile(r"([A-Z-]+)((?:;[^:]*)?):(.*)")
_DAY: Final = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T\d{6}Z?)?")
_YEARLY: Final = re.compile(r"FREQ=YEARLY(?:;INTERVAL=1)?(?:;WKST=\w\w)?")
_MOST_DAYS: Final = 366


class CalendarFileError(ValueError):
    """Raised if a calendar file cannot be read. The message says what of it."""


def days(content: bytes, today: date) -> list[str]:
    """Returns the days (ISO dates) that the events of a calendar cover, from the year before `today` on; in order.

    Raises CalendarFileError.
    """
    if len(content) > MAX_BYTES:
        raise CalendarFileError(f"has more than {MAX_BYTES:,} bytes, the most that are read")
    text = content.decode("utf-8-sig", "replace")
    if "BEGIN:VCALENDAR" not in text:
        raise CalendarFileError("is no calendar file: it has no BEGIN:VCALENDAR")
    found: set[date] = set()
    for event in _events(text):
        found.update(_days_of(event, today))
    return sorted(day.isoformat() for day in found if day.year >= today.year - 1)


def _events(text: str) -> Iterator[dict[str, str]]:
    """Gives the properties of each event. A line that begins with a blank goes on the one before."""
    event: dict[str, str] | None = None
    for line in re.sub(r"\r?\n[ \t]", "", text).splitlines():
        if line.strip() == "BEGIN:VEVENT":
            event = {}
        elif line.strip() == "END:VEVENT" and event is not None:
            yield event
            event = None
        elif event is not None and (said := _LINE.fullmatch(line.strip())):
            event.setdefault(said[1], said[3])


def _days_of(event: dict[str, str], today: date) -> Iterator[date]:
    name = event.get("SUMMARY", "an event")[:40]
    first = _day(event.get("DTSTART", ""), name)
    # The end of whole days is the day after the last one.
    last = _day(event["DTEND"], name) - timedelta(1) if "DTEND" in event else first
    length = max(1, (last - first).days + 1)
    if length > _MOST_DAYS:
        raise CalendarFileError(f"{name!r} takes more than a year")
    begins = [first]
    if rule := event.get("RRULE", ""):
        if not _YEARLY.fullmatch(rule):
            raise CalendarFileError(f"{name!r} repeats by {rule[:60]}: only days that come every year are read")
        years = range(max(first.year, today.year - 1), today.year + YEARS)
        begins = [begin for year in years if (begin := _in_year(first, year))]
    for begin in begins:
        yield from (begin + timedelta(number) for number in range(length))


def _in_year(day: date, year: int) -> date | None:
    try:
        return day.replace(year=year)
    except ValueError:  # the 29th of February
        return None


def _day(text: str, name: str) -> date:
    if not (said := _DAY.fullmatch(text)):
        raise CalendarFileError(f"{name!r} has no day such as DTSTART;VALUE=DATE:20261224")
    try:
        return date(int(said[1]), int(said[2]), int(said[3]))
    except ValueError:
        raise CalendarFileError(f"{name!r} has a day that does not exist: {text[:8]}") from None
