"""Time zones by their IANA names: when a day begins and ends in a zone, and when its offset from UTC changes."""

from datetime import UTC, date, datetime, time
from functools import cache, lru_cache
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo, available_timezones

from jobreport.model import ticks
from jobreport.model.spelling import nearest

DEFAULT: Final = "UTC"
PER_HOUR: Final = 3600 * ticks.PER_SECOND
_DAY: Final = 86_400
_NO_ZONES: Final = frozenset({"localtime", "posixrules", "Factory"})
"""Files that many systems have in the folder of time zones, but that are no time zones."""
_SHOWN: Final = 40  # characters of a name that a message repeats


class Stretch(NamedTuple):
    """A time range in which the offset from UTC does not change.

    `since` and `until` are ticks, both included. `offset` is how many ticks local time is ahead of UTC.
    """

    since: int
    until: int
    offset: int


@cache
def _names() -> dict[str, str]:
    """Returns every name of a zone in the IANA database, by its case-folded form."""
    return {name.casefold(): name for name in sorted(available_timezones() - _NO_ZONES)}


def named(text: str) -> str | None:
    """Returns the name of an IANA time zone as the database spells it; None if `text` is empty.

    Raises ValueError if there is no such zone. The message has the most similar name.
    """
    if not text:
        return None
    if found := _names().get(text.casefold()):
        return found
    shown = text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"
    near = nearest(text, _names().values())
    hint = f"did you mean {near}?" if near else "such as Europe/Berlin, America/New_York, or UTC"
    raise ValueError(f"{shown!r} is no time zone of the IANA database; {hint}")


def day_start(zone: str, day: date) -> int:
    """Returns the ticks at which a day begins in a zone. If the clocks skip midnight, it begins when they skip it."""
    return _midnight(zone, day, fold=0)


def day_end(zone: str, day: date) -> int:
    """Returns the last tick of a day in a zone. If midnight comes twice, the day ends before the second one."""
    following = date.fromordinal(day.toordinal() + 1)
    return max(_midnight(zone, following, fold=fold) for fold in (0, 1)) - 1


def _midnight(zone: str, day: date, *, fold: int) -> int:
    return ticks.from_datetime(datetime.combine(day, time(fold=fold), ZoneInfo(zone)))


def stretches(zone: str, since: int, until: int) -> list[Stretch]:
    """Returns the time from `since` to `until` (ticks from 1970 to 2199, both included), cut where the offset changes.

    Example: in Europe/Berlin, a year has three stretches: winter, summer, and winter again.
    """
    parts = [Stretch(since, until, _offset(zone, (since - ticks.UNIX_EPOCH) // ticks.PER_SECOND))]
    for year in range(ticks.to_datetime(since).year, ticks.to_datetime(until).year + 1):
        for begin, offset in _changes(zone, year):
            if since < begin <= until:
                last = parts.pop()
                parts += [last._replace(until=begin - 1), Stretch(begin, until, offset)]
    return parts


@lru_cache(maxsize=4096)
def _changes(zone: str, year: int) -> tuple[tuple[int, int], ...]:
    """Returns the times in a UTC year when the offset changes, and the new offsets, all in ticks.

    The library does not have these times, so the offsets of all days are compared, and a change within a day is found
    by halving. No zone changes its offset twice within a day.
    """
    changes = []
    begin, end = (int(datetime(each, 1, 1, tzinfo=UTC).timestamp()) for each in (year, year + 1))
    before = _offset(zone, begin - 1)
    for last in range(begin - 1, end - 1, _DAY):
        if (after := _offset(zone, last + _DAY)) != before:
            low, high = last, last + _DAY  # the old offset, and the new one
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if _offset(zone, middle) == before else (low, middle)
            changes.append((ticks.UNIX_EPOCH + high * ticks.PER_SECOND, after))
            before = after
    return tuple(changes)


def _offset(zone: str, second: int) -> int:
    """Returns how many ticks local time is ahead of UTC. `second` is counted from 1970."""
    offset = datetime.fromtimestamp(second, ZoneInfo(zone)).utcoffset()
    assert offset is not None
    return round(offset.total_seconds()) * ticks.PER_SECOND


def day_name(day: int) -> str:
    """Returns the ISO date of a day, such as `2026-11-23`. Day 0 is 0001-01-01."""
    return datetime.fromordinal(day + 1).date().isoformat()


def hour_name(hour: int, offset: int) -> str:
    """Returns the ISO 8601 text of a local hour, such as `2026-11-23T08:00:00+01:00`.

    `hour` is counted from the start of year 1, in local time; `offset` is how many ticks that is ahead of UTC.
    """
    minutes, seconds = divmod(abs(offset) // ticks.PER_SECOND, 60)
    sign = "-" if offset < 0 else "+"
    odd = f":{seconds:02d}" if seconds else ""
    return f"{day_name(hour // 24)}T{hour % 24:02d}:00:00{sign}{minutes // 60:02d}:{minutes % 60:02d}{odd}"
