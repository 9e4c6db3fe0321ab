"""Times as .NET ticks (100 ns since 0001-01-01T00:00:00Z, UTC, int64), converted to texts and datetimes and back.

A datetime has only microseconds. So a time that must be exact to the tick is passed as a text or a number.
"""

import re
from contextlib import suppress
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final

PER_SECOND: Final = 10_000_000
PER_DAY: Final = 86_400 * PER_SECOND
UNIX_EPOCH: Final = 621_355_968_000_000_000
"""1970-01-01T00:00:00Z, the earliest time that is accepted for a job."""
YEAR_2000: Final = 630_822_816_000_000_000
"""2000-01-01T00:00:00Z. A sender that tells an earlier time has no clock, or writes its times in a form of its own."""
YEAR_2200: Final = 693_937_152_000_000_000
"""2200-01-01T00:00:00Z. Times for a job are accepted only before this one."""
YEAR_9999: Final = 3_155_063_616_000_000_000
"""9999-01-01T00:00:00Z. As the end of a range, this time or any later one means "no end"."""

DURATION: Final = (
    # ISO 8601, without the units that have no fixed length (months, years); or the form that `duration` returns.
    r"^(P(?=.)(\d{1,6}D)?(T(?=.)(\d{1,8}H)?(\d{1,9}M)?(\d{1,9}(\.\d{1,7})?S)?)?"
    r"|(\d{1,6}\.)?([01]?\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,7})?)$"
)
"""The forms of a duration that `from_duration` accepts, as a regular expression."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FRACTION = re.compile(r"(?:(?<=[T ]\d\d:\d\d:\d\d)|(?<=[T ]\d{6}))[.,](\d+)(?=$|[Z+-])", re.ASCII)
_USUAL: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:Z|[+-]\d\d:\d\d)", re.ASCII).fullmatch
"""The form in which nearly all times are written; the library reads it as we do."""
_DURATION = re.compile(DURATION, re.ASCII)
_PART = re.compile(r"(\d+)(?:\.(\d+))?([DHMS])", re.ASCII)
_UNITS: Final = {"D": PER_DAY, "H": 3600 * PER_SECOND, "M": 60 * PER_SECOND, "S": PER_SECOND}
_YEAR_FIRST = re.compile(r"\d{4}-?[\dW]", re.ASCII)
_DATE_ALONE = re.compile(r"\d{4}-?(\d{2}-?\d{2}|W\d{2}-?\d|\d{3})")


def from_datetime(moment: datetime) -> int:
    """Returns the ticks of an aware datetime. Raises ValueError for a naive one."""
    if moment.tzinfo is None:
        raise ValueError("a time needs a zone")
    since = moment - _EPOCH
    return UNIX_EPOCH + (since.days * 86_400 + since.seconds) * PER_SECOND + since.microseconds * 10


def to_datetime(ticks: int) -> datetime:
    """Returns the UTC datetime of `ticks`, cut to microseconds. Raises OverflowError outside the years 1 to 9999."""
    return _EPOCH + timedelta(microseconds=(ticks - UNIX_EPOCH) // 10)


def to_iso(ticks: int, *, digits: int = 7) -> str:
    """Returns the time as ISO 8601 in UTC. The fraction of the second has `digits` (0 to 7), cut and not rounded."""
    whole = to_datetime(ticks).isoformat()[:19]
    if not digits:
        return f"{whole}Z"
    fraction = f"{ticks % PER_SECOND:07d}"[:digits]
    return f"{whole}.{fraction}Z"


def from_iso(text: str, *, zone: tzinfo | None = None) -> int:
    """Returns the ticks of an ISO 8601 time, exact to 100 ns. If the text has no zone, `zone` is used.

    Raises ValueError, with a message for people, if the text is only a date, has no zone and `zone` is None, or is no
    time at all.
    """
    if _USUAL(text):
        with suppress(ValueError):
            return from_datetime(datetime.fromisoformat(text))
    if _DATE_ALONE.fullmatch(text):
        raise ValueError("a date alone is not a time: add hours and a zone, as in 2026-11-23T08:00:00Z")
    # RFC 3339 allows t and z in lower case, the standard library does not.
    text = text.upper()
    # The standard library keeps six digits of a fraction, a tick is the seventh.
    fraction = _FRACTION.search(text)
    bare = text[: fraction.start()] + text[fraction.end() :] if fraction else text
    if _YEAR_FIRST.match(bare) and (
        "." in bare or "," in bare
    ):  # ISO 8601 has fractions of hours and minutes; the library misreads them
        raise ValueError("may have a fraction of the second only, as in 2026-11-23T08:00:00.5Z")
    try:
        moment = datetime.fromisoformat(bare)
    except ValueError:
        raise ValueError("is no ISO 8601 time, such as 2026-11-23T08:00:00Z") from None
    if moment.tzinfo is None and zone is not None:
        moment = moment.replace(tzinfo=zone)
    if moment.tzinfo is None:
        raise ValueError("has no zone: end it with Z for UTC or an offset such as +01:00")
    digits = fraction.group(1)[:7].ljust(7, "0") if fraction else "0"
    try:
        return from_datetime(moment) + int(digits)
    except OverflowError:
        raise ValueError("lies outside the years 1 to 9999") from None


def duration(start: int, finish: int) -> str:
    """Returns `finish - start` in generation 2's form, cut to seconds: `00:04:01`; from a day on `1.16:00:44`."""
    seconds = max(0, finish - start) // PER_SECOND
    days, seconds = divmod(seconds, 86_400)
    clock = f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    return f"{days}.{clock}" if days else clock


def from_duration(text: str) -> int:
    """Returns the ticks of a duration in ISO 8601 (`PT1H30M`) or in generation 2's form (`01:30:00`, `1.02:00:00`).

    Raises ValueError, with a message for people, for any other text.
    """
    if not _DURATION.fullmatch(text):
        raise ValueError(
            "must be a length of time such as PT1H30M (days, hours, minutes, seconds), or 01:30:00, or 1.02:00:00 for "
            "a day and two hours"
        )
    if text.startswith("P"):
        # A timedelta has only six digits of the fraction, one too few.
        return sum(
            int(number) * _UNITS[unit] + int(fraction.ljust(7, "0")) for number, fraction, unit in _PART.findall(text)
        )
    whole, _, last = text.rpartition(":")
    *days, clock = whole.split(".")
    hours, minutes = clock.split(":")
    seconds, _, fraction = last.partition(".")
    minutes_in_all = (int(days[0] if days else 0) * 24 + int(hours)) * 60 + int(minutes)
    return (minutes_in_all * 60 + int(seconds)) * PER_SECOND + int(fraction.ljust(7, "0"))


def explain_unit(number: int) -> str:
    """Returns a message about a number that is not a valid time in ticks: what it may be instead.

    Example: 1700000000 looks like Unix seconds, and the message has the same time in ticks.
    """
    for unit, nanoseconds in (
        ("seconds", 10**9),
        ("milliseconds", 10**6),
        ("microseconds", 10**3),
        ("nanoseconds", 1),
    ):
        since_1970 = number * nanoseconds // 100
        if PER_DAY < since_1970 < YEAR_2200 - UNIX_EPOCH and number < YEAR_9999:
            return f"looks like Unix {unit}, which would be {UNIX_EPOCH + since_1970} in ticks"
    return "lies outside the years 1970 to 2199"


def check(number: int) -> int:
    """Returns `number` if it is a time from 1970 to 2199 in ticks. Raises ValueError otherwise; the message says what
    the number may be instead.
    """
    if UNIX_EPOCH <= number < YEAR_2200:
        return number
    raise ValueError(
        f"must be .NET ticks (100 ns since 0001-01-01T00:00:00Z, for example 638599392481859693): "
        f"{number} {explain_unit(number)}"
    )


def local(ticks: int, zone: tzinfo | None = None) -> datetime:
    """Returns the datetime of `ticks` in `zone`; None: in this machine's own zone."""
    return to_datetime(ticks).astimezone(zone)
