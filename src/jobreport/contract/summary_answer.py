"""Adds up the numbers of groups that the store finds, and makes the answer of a summary from them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from itertools import repeat
from operator import itemgetter
from typing import Any, Final, TypeVar

from msgspec import UNSET

from jobreport.contract.summary import Coverage, Group, Objects, Summary, Tally, filters
from jobreport.model import periods, ticks, zones
from jobreport.model.summary import CODES, Key, More, SummaryQuery

Keys = tuple[Any, ...]
"""The key values of a group, in the order of `by`. A day or a night is a number of days since year 1, a week or a month
a number as in `model.periods`; an hour is two numbers: the tick at which it begins, and its offset from UTC in ticks. A
cause is its code and its text, with a blank between them. Others are a code or a text."""
Values = Sequence[Any]
"""The numbers of a group: all jobs, successful jobs, unsuccessful jobs. Then, if they are asked for: failed,
successful, skipped and all objects; the upper and the lower 32 bits of the bytes, each added up by itself; the newest
success and failure, in ticks."""

T = TypeVar("T", bound=Tally)


class Tallies:
    """Groups, added up from pieces: of the values, the first `sums` are added; of the others, the later one counts."""

    def __init__(self, sums: int) -> None:
        self._sums = sums
        self._groups: dict[Keys, Values] = {}

    def __len__(self) -> int:
        """Returns how many groups there are, also those that have no job left."""
        return len(self._groups)

    def add(self, pieces: Iterable[tuple[Keys, Values]]) -> None:
        """Adds pieces of groups. A piece with negative numbers is subtracted."""
        groups = self._groups
        for keys, values in pieces:
            known = groups.get(keys)
            groups[keys] = values if known is None else self._together((known, values))

    def groups(self) -> dict[Keys, Values]:
        """Returns the groups that have a job."""
        return {keys: values for keys, values in self._groups.items() if values[0] > 0}

    def total(self) -> Values | None:
        """Returns all groups added up; None if there is no group."""
        groups = self.groups()
        return self._together(groups.values()) if groups else None

    def _together(self, pieces: Iterable[Values]) -> Values:
        columns = list(zip(*pieces, strict=True))
        return [*map(sum, columns[: self._sums]), *map(_latest, columns[self._sums :])]


def _latest(times: Iterable[int | None]) -> int | None:
    return max((tick for tick in times if tick is not None), default=None)


def answer(query: SummaryQuery, extent: tuple[int, int] | None, found: Tallies, now: int) -> Summary:
    """Returns the document of the answer. `extent` and `now` are in ticks."""
    where = query.where
    first, last = extent or (None, None)
    by_night = Key.NIGHT in query.by
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
        night=query.hours.time if by_night else UNSET,
    )
    (total,) = _told(Tally, query.more, [found.total() or _none(query.more)])
    if not query.by:
        return Summary(covers, total, [])
    every = sorted(found.groups().items(), key=itemgetter(0))
    values, names = [group[1] for group in every], _names(query.by, [group[0] for group in every])
    return Summary(covers, total, _told(Group, query.more, values, *names))


def _none(more: Sequence[More]) -> Values:
    counts = 3 + 4 * (More.OBJECTS in more) + 2 * (More.BYTES in more)
    return [0] * counts + [None, None] * (More.LAST in more)


def _told(kind: type[T], more: Sequence[More], rows: Sequence[Values], *fields: Iterable[Any]) -> list[T]:
    """Makes an object of type `kind` from each row and the further `fields`. Works by columns, since there may be ten
    thousand rows.
    """
    columns = iter(zip(*rows, strict=True))

    def integers() -> list[int]:
        # PostgreSQL returns some sums as Decimal.
        return [*map(int, next(columns, ()))]

    jobs, successful, unsuccessful = integers(), integers(), integers()
    rates = [good / (good + bad) if good or bad else None for good, bad in zip(successful, unsuccessful, strict=True)]
    told: list[Iterable[Any]] = [repeat(UNSET)] * 4
    if More.OBJECTS in more:
        told[0] = map(Objects, integers(), integers(), integers(), integers())
    if More.BYTES in more:
        told[1] = [(upper << 32) + lower for upper, lower in zip(integers(), integers(), strict=True)]
    if More.LAST in more:
        told[2:] = [map(_time, next(columns, ())), map(_time, next(columns, ()))]
    return [*map(kind, jobs, successful, unsuccessful, rates, *told, *fields)]


def _time(tick: int | None) -> str | None:
    return None if tick is None else ticks.to_iso(tick)


def _names(by: Sequence[Key], every: Sequence[Keys]) -> list[Iterable[Any]]:
    """Returns, as columns, the fields that a `Group` has in addition to those of a `Tally`, in their order."""
    columns: list[Iterable[Any]] = [repeat(UNSET)] * (len(Key) + 1)
    for key, column in zip(by, zip(*every, strict=True), strict=False):
        # Cached, because each day, hour or name occurs many times.
        columns[[*Key].index(key)] = map(cache(_name_of(key)), column)
        if key is Key.CAUSE:
            columns[-1] = [cause.partition(" ")[2] for cause in column]
    return columns


def _name_of(key: Key) -> Callable[[Any], str]:
    """Returns the function that turns a value of this key into its text in the answer."""
    if key in CODES:
        names = {code.value: code.name for code in CODES[key]}
        return names.__getitem__
    if key is Key.HOUR:
        return lambda hour: zones.hour_name((hour[0] + hour[1]) // zones.PER_HOUR, hour[1])
    if key is Key.CAUSE:
        return lambda cause: str(cause).partition(" ")[0]
    return _TIMES.get(key, str)


_TIMES: Final[Mapping[Key, Callable[[int], str]]] = {
    Key.DAY: zones.day_name,
    Key.WEEK: periods.week_name,
    Key.MONTH: periods.month_name,
    Key.NIGHT: zones.day_name,
}
