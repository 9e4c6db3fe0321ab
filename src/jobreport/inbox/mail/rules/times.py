"""Reads the times in a mail, and places them: most senders write their own local time and name no zone.

The mail's own Date is written by the same machine in the same minute. So it says in which zone the text's times are;
and where it cannot, because the mail was handed on in UTC, the job ended when the mail was sent. A mail that tells of
no time at all is left to whoever takes it in, and knows when it came.
"""

import re
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from typing import Final

from jobreport.inbox.mail.message import Mail
from jobreport.model import ticks

_MONTHS: Final = {
    name: number
    for number, names in enumerate(
        (
            "jan gen",
            "feb fev fév",
            "mar mär mrz",
            "apr avr",
            "may mai maj mag",
            "jun juin giu",
            "jul juil lug",
            "aug aou aoû ago",
            "sep set",
            "oct okt ott",
            "nov",
            "dec dez déc dic",
        ),
        1,
    )
    for name in names.split()
}
_FIRST: Final = re.compile(r"(?<!\d)(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?!\d)", re.ASCII)
_LAST: Final = re.compile(r"(?<!\d)(\d{1,2})([-/.])(\d{1,2})\2(\d{4})(?!\d)", re.ASCII)
_DAY_MONTH: Final = re.compile(r"(?<!\d)(\d{1,2})(?:\.|er)?[ -]{1,2}([^\W\d_]{3,12})\.?,?[ -]{1,2}(\d{4})(?!\d)")
_MONTH_DAY: Final = re.compile(r"(?<!\w)([^\W\d_]{3,12})\.? {1,2}(\d{1,2}),? {1,2}(\d{4})(?!\d)")
_CLOCK: Final = re.compile(r"(?<![\d:])(\d{1,2}):(\d\d)(?::(\d\d))?(?![\d:])(?:[.,]\d{1,9})?(?: ?([AaPp])\.?[Mm]\b)?")
_LENGTH: Final = re.compile(r"(?<![\d.])(\d{1,9}) ?(d|h|m|s)[^\W\d_]{0,12}", re.IGNORECASE)
_CLOCKED: Final = re.compile(r"(?:(\d{1,3})\.)?(\d{1,4}):([0-5]\d):([0-5]\d)", re.ASCII)
_UNITS: Final = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}
_LONGEST: Final = 366 * 86_400
"""Seconds of a length of time that can be a job's."""
_LOOKED_AT: Final = 200
"""Characters of a text in which a time is looked for."""
_SOON: Final = timedelta(minutes=10)
"""A mail is sent so long after its job's end at most; and its clock may be so much behind."""
_SAME_NIGHT: Final = timedelta(hours=24)
"""A mail that names a zone of its own may be that much later than its job."""


def day(text: str) -> datetime | None:
    """Returns the first date in a text, at its midnight; None if there is none, or none that can be told for sure:
    03/04/2026 is a day in March or in April.
    """
    found = _day(text[:_LOOKED_AT])
    return found if found is not None and 1970 <= found.year < 2200 else None


def _day(text: str) -> datetime | None:
    try:
        if found := _FIRST.search(text):
            return _midnight(found[1], found[3], found[4])
        if found := _LAST.search(text):
            first, second = int(found[1]), int(found[3])
            if found[2] == "/" and first <= 12 and second <= 12 and first != second:
                return None
            if second > 12:
                first, second = second, first
            return _midnight(found[4], second, first)
        if (found := _DAY_MONTH.search(text)) and (month := _month(found[2])):
            return _midnight(found[3], month, found[1])
        if (found := _MONTH_DAY.search(text)) and (month := _month(found[1])):
            return _midnight(found[3], month, found[2])
    except ValueError:  # the 31st of April
        pass
    return None


def _midnight(year: str, month: str | int, day: str | int) -> datetime:
    return datetime(int(year), int(month), int(day))  # noqa: DTZ001 - a mail does not say in which zone it is


def clock(text: str) -> timedelta | None:
    """Returns the first time of day in a text, such as `23:05:10` or `11:05 PM`; None if there is none."""
    if not (found := _CLOCK.search(text[:_LOOKED_AT])):
        return None
    hour, half = int(found[1]), (found[4] or "").lower()
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    minute, second = int(found[2]), int(found[3] or 0)
    if hour > 23 or minute > 59 or second > 60:
        return None
    return timedelta(hours=hour, minutes=minute, seconds=second)


def local(text: str) -> datetime | None:
    """Returns the first date and time of day in a text, without a zone; None if it has not both."""
    date, time = day(text), clock(text)
    return date + time if date is not None and time is not None else None


def length(text: str) -> int:
    """Returns the seconds of a length of time, such as `00:02:30`, `1 Hour 3 Minutes` or `2m 30s`; 0 if it is none."""
    text = text.strip()[:_LOOKED_AT]
    if found := _CLOCKED.fullmatch(text):
        seconds = int(found[1] or 0) * 86_400 + int(found[2]) * 3600 + int(found[3]) * 60 + int(found[4])
    else:
        seconds = sum(int(number) * _UNITS[unit.lower()] for number, unit in _LENGTH.findall(text))
    return seconds if seconds <= _LONGEST else 0


def placed(
    mail: Mail, start: datetime | None = None, finish: datetime | None = None, seconds: int = 0
) -> tuple[int, int]:
    """Returns start and end of a job in ticks, from what its mail says in the sender's local time; 0 for what it does
    not say. `seconds` is how long it took, where the mail says that; 0: it does not.
    """
    took = timedelta(seconds=seconds if seconds <= _LONGEST else 0)
    if not took and start and finish and finish >= start:
        took = finish - start
    if finish is None and start is not None and took:
        finish = start + took
    if not mail.date or not (start or finish or took):
        return 0, 0
    end = (_in_zone_of(mail, finish) if finish is not None else 0) or mail.date
    if took or start == finish:
        return max(end - int(took.total_seconds()) * ticks.PER_SECOND, 0), end
    return (min(_in_zone_of(mail, start), end) if start is not None and finish is None else 0), end


def _in_zone_of(mail: Mail, moment: datetime) -> int:
    """Returns the ticks of a local time by the zone of the mail's Date; 0 if that cannot be its zone."""
    try:
        sent = parsedate_to_datetime(mail.headers.get("date", ""))
        offset = sent.utcoffset() or timedelta(0)
        there = ticks.from_datetime(moment.replace(tzinfo=timezone(offset)).astimezone(UTC))
    except (ValueError, TypeError, IndexError, OverflowError):
        return 0
    before = timedelta(microseconds=(mail.date - there) // 10)
    # Whoever hands a mail on in UTC says nothing of its sender's zone, unless the times agree anyway.
    return there if -_SOON <= before <= (_SAME_NIGHT if offset else _SOON) and there >= ticks.UNIX_EPOCH else 0


def _month(name: str) -> int:
    name = name.casefold()
    return _MONTHS.get(name[:4]) or _MONTHS.get(name[:3], 0)
