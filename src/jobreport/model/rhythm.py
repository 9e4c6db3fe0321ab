"""Finds out from the last runs of a series when it usually runs, to suggest that as its schedule.

It suggests something only if the runs are regular: at the same time of the same days, or always the same time after the
run before. If they are regular but start at an hour that moves on, no schedule would be right for long: then it
suggests how old a copy may become.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from statistics import median_low
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from jobreport.model import ticks
from jobreport.model.expectation import PER_HOUR
from jobreport.model.good_copy_age import default_age

LEAST: Final = 7
"""So many runs must say it."""
_MINUTE: Final = 60 * ticks.PER_SECOND
_WIDE: Final = 120
"""The most minutes between the earliest and the latest time of day."""
_NARROW: Final = 30
"""Up to so many, the usual grace is enough."""
_ROUND: Final = 5
"""Times of day are told by so many minutes: a run starts some seconds after it is due."""
_STEADY: Final = 10
"""Up to so many, the time of day does not move on: it is only told from one side of a whole minute."""
_DAY: Final = 24 * 60
_OFTEN: Final = 20 * PER_HOUR
"""What comes at least so often comes by an interval."""
_SLACK: Final = 10
"""An interval may be off by this part (a tenth) of it, and one of so many days may be missing."""
_WEEK: Final = 7
_LAST_DAY: Final = 28
"""The last day that every month has."""


class Rhythm(NamedTuple):
    """When a series usually runs: by a `cron` line, or `every` so long (ticks; 0: by cron). `grace`: how long after
    that it may start (ticks; 0: the usual grace is enough). Where its hour moves on, `age` is how old its last copy
    becomes instead (ticks).
    """

    cron: str = ""
    every: int = 0
    grace: int = 0
    age: int = 0


def rhythm(starts: Sequence[int], zone: str) -> Rhythm | None:
    """Returns when runs come that started at these times (ticks, in any order), by the clocks of a zone; None if they
    do not tell.
    """
    ordered = sorted(starts)
    if len(ordered) < LEAST:
        return None
    found = _interval(ordered) or _days([ticks.local(start, ZoneInfo(zone)) for start in ordered])
    return _aged(ordered) if found is None and _is_regular(ordered) else found


def _is_regular(ordered: Sequence[int]) -> bool:
    """Whether each comes about as long after the one before, but not that often."""
    gaps = [later - earlier for earlier, later in pairwise(ordered)]
    usual = median_low(gaps)
    return usual > _OFTEN and all(abs(gap - usual) * _SLACK <= usual for gap in gaps)


def _aged(ordered: Sequence[int]) -> Rhythm | None:
    found = default_age(ordered, len(ordered))
    return Rhythm(age=-(-found.age // PER_HOUR) * PER_HOUR) if found else None


def _interval(ordered: Sequence[int]) -> Rhythm | None:
    gaps = [later - earlier for earlier, later in pairwise(ordered)]
    usual = median_low(gaps)
    unit = _ROUND * _MINUTE if usual < PER_HOUR else 15 * _MINUTE
    every = (usual + unit // 2) // unit * unit
    slack = max(usual // _SLACK, _MINUTE)
    if not every or usual > _OFTEN or any(abs(gap - every) > slack for gap in gaps):
        return None
    return Rhythm(every=every)


def _days(local: Sequence[datetime]) -> Rhythm | None:
    minutes = sorted(one.hour * 60 + one.minute for one in local)
    # On the clock's face, the time in which no run starts is the widest gap.
    gaps = [(later - earlier, later) for earlier, later in pairwise([*minutes, minutes[0] + _DAY])]
    widest, first = max(gaps)
    spread = _DAY - widest
    if spread > _WIDE:
        return None
    due = (first + _ROUND // 2) // _ROUND * _ROUND % _DAY
    dates = [(one.replace(tzinfo=None) - timedelta(minutes=due) + timedelta(minutes=_ROUND)).date() for one in local]
    when = _weekly(dates) or _monthly(dates)
    if when is None:
        return None
    if spread > _STEADY and _moves_on([(one.hour * 60 + one.minute - first) % _DAY for one in local]):
        return _aged([ticks.from_datetime(one.astimezone(UTC)) for one in local])
    grace = PER_HOUR + -(-spread // _NARROW) * _NARROW * _MINUTE if spread > _NARROW else 0
    return Rhythm(cron=f"{due % 60} {due // 60} {when}", grace=grace)


def _moves_on(minutes: Sequence[int]) -> bool:
    """Whether all later ones of these are later in the day than all before them, or all are earlier."""
    half = len(minutes) // 2
    before, after = minutes[:half], minutes[half:]
    return max(before) < min(after) or min(before) > max(after)


def _weekly(dates: Sequence[date]) -> str | None:
    """Returns the days of these dates as cron has them, if there is a run on each of them and on no other."""
    weekdays = {one.isoweekday() % _WEEK for one in dates}
    every = [dates[0] + timedelta(number) for number in range((dates[-1] - dates[0]).days + 1)]
    due = [one for one in every if one.isoweekday() % _WEEK in weekdays]
    is_known = len(weekdays) == _WEEK or len(dates) >= 2 * len(weekdays)
    if len({*dates}) < len(dates) or (len(due) - len(dates)) * _SLACK > len(due) or not is_known:
        return None
    return f"* * {_named(sorted(weekdays))}"


def _monthly(dates: Sequence[date]) -> str | None:
    months = [one.year * 12 + one.month for one in dates]
    days = {one.day for one in dates}
    follow = all(later - earlier == 1 for earlier, later in pairwise(months))
    return f"{days.pop()} * *" if follow and len(days) == 1 and max(days) <= _LAST_DAY else None


def _named(weekdays: Sequence[int]) -> str:
    if len(weekdays) == _WEEK:
        return "*"
    first, last = weekdays[0], weekdays[-1]
    is_range = len(weekdays) > 2 and last - first == len(weekdays) - 1
    return f"{first}-{last}" if is_range else ",".join(map(str, weekdays))
