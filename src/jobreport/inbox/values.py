"""Converts the values of foreign documents: times and durations, in the forms in which senders write them.

A value that could mean two things is never guessed: a time such as 03/04/2026 needs its format in the mapping.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec

from jobreport.contract.spoken_times import seconds
from jobreport.model import ticks
from jobreport.runner.text import size_of

_NUMBER: Final = re.compile(r"[+-]?\d{1,19}(?:\.\d{1,9})?", re.ASCII)
_DOTNET: Final = re.compile(r"/Date\((\d{1,16})(?:[+-]\d{4})?\)/", re.ASCII)
_SIZE: Final = re.compile(r"\s*\d[\d.,]*\s*(?:[KMGTPE]?i?(?:B|bytes?)?)\s*", re.IGNORECASE | re.ASCII)
_GROUPED: Final = re.compile(r"\d{1,3}(?:[,' ]\d{3})+|[1-9]\d{0,2}(?:\.\d{3})+", re.ASCII)
_THOUSANDS: Final = re.compile(r",\d{3}(?!\d)|,.*,", re.ASCII)
_UNITS: Final = (
    # Numbers of so many in a second are no time of the years that there are jobs of, if they are read as another unit.
    (100_000_000_000, 1),
    (100_000_000_000_000, 1_000),
    (100_000_000_000_000_000, 1_000_000),
)
_PER_NANOSECOND: Final = 100


def time_of(value: Any, zone: str, formats: Sequence[str] = ()) -> int:
    """Returns the ticks of a time; 0 for nothing, and for the beginning of 1970, by which many programs mean nothing.

    `zone` is that of times that name none, `formats` are the forms in which they may be written. Raises ValueError.
    """
    if value is None or value == "":
        return 0
    at = _time_of(value, ZoneInfo(zone), formats)
    if at == ticks.UNIX_EPOCH:
        return 0
    if at < ticks.YEAR_2000:  # such as 20261123, read as seconds from 1970
        raise ValueError("is before the year 2000: no time of a job")
    return ticks.check(at)


def _time_of(value: Any, zone: ZoneInfo, formats: Sequence[str]) -> int:
    if isinstance(value, str) and not _NUMBER.fullmatch(value.strip()):
        return _time_of_text(value.strip(), zone, formats)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError("is no time")
    if isinstance(value, str) and (found := _by_formats(value.strip(), zone, formats)) is not None:
        return found
    number = float(value) if isinstance(value, float) or "." in str(value) else int(value)
    if ticks.UNIX_EPOCH <= number < ticks.YEAR_2200:
        return int(number)
    for most, unit in _UNITS:
        if number < most:
            return ticks.UNIX_EPOCH + int(number * ticks.PER_SECOND) // unit
    return ticks.UNIX_EPOCH + int(number) // _PER_NANOSECOND


def _time_of_text(text: str, zone: ZoneInfo, formats: Sequence[str]) -> int:
    if (found := _by_formats(text, zone, formats)) is not None:
        return found
    if dotnet := _DOTNET.fullmatch(text):
        return ticks.UNIX_EPOCH + int(dotnet[1]) * (ticks.PER_SECOND // 1000)
    try:
        return ticks.from_iso(text, zone=zone)
    except ValueError:
        try:
            moment = parsedate_to_datetime(text)
        except (ValueError, TypeError, IndexError, OverflowError):
            raise ValueError(f"{text[:60]!r} is no time in a form that is known; give its format") from None
        return ticks.from_datetime(moment if moment.tzinfo else moment.replace(tzinfo=zone))


def _by_formats(text: str, zone: ZoneInfo, formats: Sequence[str]) -> int | None:
    for one in formats:
        try:
            moment = datetime.strptime(text, one)  # noqa: DTZ007 - the zone is added below
        except ValueError:
            continue
        return ticks.from_datetime(moment if moment.tzinfo else moment.replace(tzinfo=zone))
    return None


def length_of(value: Any) -> int | None:
    """Returns a length of time in ticks: a number of seconds, `1h30m`, `PT1H30M` or `01:30:00`; None for nothing.

    Raises ValueError.
    """
    if value is None or value == "":
        return None
    if isinstance(value, str) and not _NUMBER.fullmatch(value.strip()):
        spoken = seconds(value)
        return ticks.from_duration(value.strip()) if spoken is None else spoken * ticks.PER_SECOND
    if isinstance(value, bool) or not isinstance(value, str | int | float) or not 0 <= float(value) < 10**10:
        raise ValueError("is no length of time")
    return int(float(value) * ticks.PER_SECOND)


def count_of(value: Any) -> int | None:
    """Returns a number of objects; the number of members of a list; None for nothing. Raises ValueError."""
    if value is None or value == "":
        return None
    if isinstance(value, list):
        return len(value)
    text = (
        re.sub("[,.' ]", "", value.strip()) if isinstance(value, str) and _GROUPED.fullmatch(value.strip()) else value
    )
    number = _positive(text)
    if number != int(number):  # six tenths of a failure are not none
        raise ValueError("is no whole number")
    return int(number)


def _positive(value: Any) -> float:
    if isinstance(value, bool) or not _NUMBER.fullmatch(str(value).strip()) or float(value) < 0:
        raise ValueError("is no number")
    return float(value)


def pointed(number: str) -> str:
    """Returns a number, or one with its unit, as programs write it: `1.5` for `1,5`, `1204.5` for `1.204,5`.

    One comma in front of three digits stands between thousands.
    """
    if "," in number and "." in number:
        number = number.replace("," if number.rindex(",") < number.rindex(".") else ".", "")
    elif _THOUSANDS.search(number):
        number = number.replace(",", "")
    elif number.count(".") > 1:
        number = number.replace(".", "")
    return number.replace(",", ".")


def size_in_bytes(value: Any) -> int | None:
    """Returns a number of bytes: a number, or a text such as `1.5 GiB`, `1,5 GB`; K is 1024. None for nothing.

    Raises ValueError.
    """
    if isinstance(value, str) and value.strip() and not _NUMBER.fullmatch(value.strip()):
        if not _SIZE.fullmatch(value):
            raise ValueError("is no size such as 1.5 GiB")
        return size_of(pointed(value))
    return None if value is None or value == "" or isinstance(value, list) else int(_positive(value))


def text_of(value: Any) -> str:
    """Returns a value as text: a list as lines, what is no text as JSON writes it, and nothing as an empty one."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return "\n".join(text_of(one) for one in value)
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, int | float):
        return str(value)
    return msgspec.json.encode(value).decode()
