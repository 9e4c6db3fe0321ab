"""Time zones by their IANA names: when a day begins and ends there, and how long the offset from UTC stays the same."""

import difflib
from datetime import UTC, date, datetime, time
from functools import cache, lru_cache
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo, available_timezones

from jobreport.model import ticks

DEFAULT: Final = "UTC"
PER_HOUR: Final = 3600 * ticks.PER_SECOND
_DAY: Final = 86_400
_NO_ZONES: Final = frozenset({"localtime", "posixrules", "Factory"})
"""Files beside the zones of many systems: this machine's own zone, a rule for others, and none at all."""
_SHOWN: Final = 40  # characters of a name that a message repeats


class Stretch(NamedTuple):
    """A stretch of time in ticks, both ends included, and the ticks that its local time is ahead of UTC in it."""

    since: int
    until: int
    offset: int


@cache
def _names() -> dict[str, str]:
    """Every name of the IANA database that is one of a zone, by its folded form."""
    return {name.casefold(): name for name in sorted(available_timezones() - _NO_ZONES)}


def named(text: str) -> str | None:
    """The name of an IANA time zone as the database spells it; None where it is empty.

    ValueError, with the nearest name, where there is none of this name.
    """
    if not text:
        return None
    if found := _names().get(text.casefold()):
        return found
    shown = text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"
    near = difflib.get_close_matches(text.casefold()[: 2 * _SHOWN], _names(), n=1, cutoff=0.6)
    hint = f"did you mean {_names()[near[0]]}?" if near else "such as Europe/Berlin, America/New_York, or UTC"
    raise ValueError(f"{shown!r} is no time zone of the IANA database; {hint}")


def day_start(zone: str, day: date) -> int:
    """The ticks at which a day begins in a zone: where the clocks skip midnight, when they skip it."""
    return _midnight(zone, day, fold=0)


def day_end(zone: str, day: date) -> int:
    """The last tick of a day in a zone: where the clocks repeat midnight, before the second one."""
    following = date.fromordinal(day.toordinal() + 1)
    return max(_midnight(zone, following, fold=fold) for fold in (0, 1)) - 1


def _midnight(zone: str, day: date, *, fold: int) -> int:
    return ticks.from_datetime(datetime.combine(day, time(fold=fold), ZoneInfo(zone)))


def stretches(zone: str, since: int, until: int) -> list[Stretch]:
    """The time from `since` to `until` (ticks from 1970 to 2199, both included), cut where the offset changes."""
    found = [Stretch(since, until, _offset(zone, (since - ticks.UNIX_EPOCH) // ticks.PER_SECOND))]
    for year in range(ticks.to_datetime(since).year, ticks.to_datetime(until).year + 1):
        for begin, offset in _changes(zone, year):
            if since < begin <= until:
                last = found.pop()
                found += [last._replace(until=begin - 1), Stretch(begin, until, offset)]
    return found


@lru_cache(maxsize=4096)
def _changes(zone: str, year: int) -> tuple[tuple[int, int], ...]:
    """When the offset changes in a UTC year, in ticks, and to what.

    Looked for day by day: the library does not tell. No zone changes its offset twice within a day.
    """
    found = []
    begin, end = (int(datetime(each, 1, 1, tzinfo=UTC).timestamp()) for each in (year, year + 1))
    before = _offset(zone, begin - 1)
    for last in range(begin - 1, end - 1, _DAY):
        if (after := _offset(zone, last + _DAY)) != before:
            low, high = last, last + _DAY  # the old offset, and the new one
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if _offset(zone, middle) == before else (low, middle)
            found.append((ticks.UNIX_EPOCH + high * ticks.PER_SECOND, after))
            before = after
    return tuple(found)


def _offset(zone: str, second: int) -> int:
    """The ticks that local time is ahead of UTC at a second since 1970."""
    offset = datetime.fromtimestamp(second, ZoneInfo(zone)).utcoffset()
    assert offset is not None
    return round(offset.total_seconds()) * ticks.PER_SECOND


def day_name(day: int) -> str:
    """`2026-11-23` for a day counted from year 1."""
    return datetime.fromordinal(day + 1).date().isoformat()


def hour_name(hour: int, offset: int) -> str:
    """`2026-11-23T08:00:00+01:00` for a local hour counted from year 1, at this offset (ticks) from UTC."""
    minutes, seconds = divmod(abs(offset) // ticks.PER_SECOND, 60)
    sign = "-" if offset < 0 else "+"
    odd = f":{seconds:02d}" if seconds else ""
    return f"{day_name(hour // 24)}T{hour % 24:02d}:00:00{sign}{minutes // 60:02d}:{minutes % 60:02d}{odd}"
