"""The numbers of groups, piece by piece, in; all of them together, and the answer in the words of the wire, out."""

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Any

from msgspec import UNSET

from jobreport.model import ticks, zones
from jobreport.model.summary import (
    CODES,
    Coverage,
    Group,
    Key,
    More,
    Objects,
    Summary,
    SummaryQuery,
    Tally,
    filters,
)

Keys = tuple[Any, ...]
"""Of each thing by which is grouped, in order: a day counted from year 1; an hour as the tick at which it begins and
its offset from UTC in ticks; a code; a text."""
Values = Sequence[Any]
"""How many jobs, how many successful and unsuccessful ones; then, where they are asked for: failed, successful, skipped
and all objects; the upper and the lower 32 bits of bytes, each added up; the newest success and failure, in ticks."""


class Tallies:
    """Groups, added up from pieces: the first `sums` of the values are added, of the others the later counts."""

    def __init__(self, by: Sequence[Key], sums: int) -> None:
        self.by, self._sums = by, sums
        self._groups: dict[Keys, Values] = {}

    def add(self, keys: Keys, values: Values) -> None:
        """Adds a piece of a group; the piece may be one that is taken away, with numbers below 0."""
        known = self._groups.get(keys)
        self._groups[keys] = values if known is None else self._together(known, values)

    def groups(self) -> dict[Keys, Values]:
        """Those that have a job."""
        return {keys: values for keys, values in self._groups.items() if values[0] > 0}

    def total(self) -> Values | None:
        """All groups as one; None where there is none."""
        columns = list(zip(*self.groups().values(), strict=True))
        return [*map(sum, columns[: self._sums]), *map(_latest, columns[self._sums :])] if columns else None

    def _together(self, one: Values, other: Values) -> Values:
        columns = list(zip(one, other, strict=True))
        return [*map(sum, columns[: self._sums]), *map(_latest, columns[self._sums :])]


def _latest(times: Iterable[int | None]) -> int | None:
    return max((tick for tick in times if tick is not None), default=None)


def answer(query: SummaryQuery, extent: tuple[int, int] | None, found: Tallies, now: int) -> Summary:
    """What was found, for the wire. `extent` and `now` are in ticks."""
    every = sorted(found.groups().items(), key=_keys) if query.by else []
    name = _namer(query.by)
    total = found.total() or _none(query.more)
    where = query.where
    first, last = extent or (None, None)
    covers = Coverage(
        start_time=_time(where.since),
        finish_time=_time(where.until),
        bounded=where.since is not None and where.until is not None,
        first_job=_time(first),
        last_job=_time(last),
        time_zone=query.zone,
        by=[*query.by],
        filters=filters(query),
        as_of=ticks.to_iso(now),
    )
    groups = [Group(*_told(query.more, values), *name(keys)) for keys, values in every]
    return Summary(covers, Tally(*_told(query.more, total)), groups)


def _keys(group: tuple[Keys, Values]) -> Keys:
    return group[0]


def _none(more: Sequence[More]) -> Values:
    counts = 3 + 4 * (More.OBJECTS in more) + 2 * (More.BYTES in more)
    return [0] * counts + [None, None] * (More.LAST in more)


def _told(more: Sequence[More], values: Values) -> tuple[Any, ...]:
    """The fields of a `Tally`, in their order."""
    # PostgreSQL adds up to numbers of another type.
    jobs, successful, unsuccessful = map(int, values[:3])
    rest = values[3:]
    judged = successful + unsuccessful
    counts = jobs, successful, unsuccessful, successful / judged if judged else None
    if not more:
        return *counts, UNSET, UNSET, UNSET, UNSET
    objects: Any = UNSET
    size: Any = UNSET
    last: list[Any] = [UNSET, UNSET]
    if More.OBJECTS in more:
        objects = Objects(*map(int, rest[:4]))
        rest = rest[4:]
    if More.BYTES in more:
        size = (int(rest[0]) << 32) + int(rest[1])
        rest = rest[2:]
    if More.LAST in more:
        last = [*map(_time, rest)]
    return *counts, objects, size, *last


def _time(tick: int | None) -> str | None:
    return None if tick is None else ticks.to_iso(tick)


def _namer(by: Sequence[Key]) -> Callable[[Keys], list[Any]]:
    """What makes the fields of a `Group` of its keys, those that it has beside a `Tally`, in their order."""
    # Each day, hour or name is there many times.
    namers = [cache(_name_of(key)) for key in by]
    places = [[*Key].index(key) for key in by]

    def names(keys: Keys) -> list[Any]:
        found: list[Any] = [UNSET] * len(Key)
        for place, name, key in zip(places, namers, keys, strict=True):
            found[place] = name(key)
        return found

    return names


def _name_of(key: Key) -> Callable[[Any], str]:
    """The wire's word for one key."""
    if key in CODES:
        names = {code.value: code.name for code in CODES[key]}
        return names.__getitem__
    if key is Key.HOUR:
        return lambda hour: zones.hour_name((hour[0] + hour[1]) // zones.PER_HOUR, hour[1])
    return zones.day_name if key is Key.DAY else str
