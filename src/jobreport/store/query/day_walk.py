"""On which days the jobs of a deep page lie: the kept counts are walked day by day, from the nearer end.

With 1,000 jobs a day, the page after 500,000 jobs lies on the 501st day: the numbers of 500 days are added up, and no
job before that day is looked at. Far days are come near to in leaps first.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Connection, bindparam, func, select

from jobreport.store.db import dialect_of
from jobreport.store.db.prepared import Prepared
from jobreport.store.query.codes import Codes
from jobreport.store.query.totals import Days, kept, total
from jobreport.store.schema.jobs import job_count as table

_FEW: Final = 8
"""Days that are read at first: enough for the first page of most questions."""
_FAR: Final = 0.1
"""A part of all jobs that fills more days than these, but in the shortest of histories."""
_GUESSES: Final = 4
"""How often a day is guessed before its neighbours are read; a history that grows evenly needs one or two."""


class Span(NamedTuple):
    """The newest and the oldest day that hold the jobs of a page; how many others of them are newer, and older."""

    newest: int
    oldest: int
    newer: int
    older: int


def locate(
    connection: Connection, values: Mapping[str, Any], codes: Codes, days: Days, skip: int, size: int, number: int
) -> Span:
    """The days that hold the jobs from `skip` to `skip + size`, newest first, of the `number` on the days.

    `skip` is less than `number`. `values` has the tenant and the codes.
    """
    end = min(skip + size, number)
    if skip <= number - end:
        newest, newer, oldest, passed = _Walk(connection, values, codes, days, number, newest_first=True).to(skip, end)
        return Span(newest, oldest, newer, passed - end)
    walk = _Walk(connection, values, codes, days, number, newest_first=False)
    oldest, older, newest, passed = walk.to(number - end, number - skip)
    return Span(newest, oldest, passed - (number - skip), older)


class _Walk:
    """The way through the counts of some codes, from one end of the days to the other."""

    def __init__(
        self,
        connection: Connection,
        values: Mapping[str, Any],
        codes: Codes,
        days: Days,
        number: int,
        *,
        newest_first: bool,
    ) -> None:
        self._connection, self._values, self._codes, self._number = connection, values, codes, number
        self._newest_first = newest_first
        self._begin, self._end = days[::-1] if newest_first else days
        self._on = -1 if newest_first else 1

    def to(self, skip: int, end: int) -> tuple[int, int, int, int]:
        """The first and the last day, as the walk comes to them, that hold the jobs from `skip` to `end`.

        Behind the first: how many of its jobs come before `skip`. Behind the last: how many have come when it is over.
        """
        begin, passed_before, far = self._begin, 0, skip > self._number * _FAR
        if self._codes.several and not far:
            # A day has many counts of several codes. So few days are read of them, and the right ones.
            begin, _ = self._ends()
        most = _FEW
        while True:
            if far:
                begin, passed_before = self._near(skip)
            passed, first, before = passed_before, None, 0
            last = self._last(begin, most)
            found = self._days(begin, last, most)
            ended = last == self._end and len(found) < most
            if ended and not found:  # as damaged counts may have it
                return begin, 0, begin, passed
            for day, jobs in found:
                passed += jobs
                if first is None and passed > skip:
                    first, before = day, skip - (passed - jobs)
                if passed >= end or (ended and day == found[-1][0]):
                    return day if first is None else first, before, day, passed
            far = first is None and most == _FEW and not far
            most *= 4

    def _last(self, begin: int, most: int) -> int:
        """The day to which is read from another one on: of several codes no more than `most` days."""
        if not self._codes.several:
            return self._end
        last = begin + self._on * (most - 1)
        return max(last, self._end) if self._newest_first else min(last, self._end)

    def _days(self, begin: int, last: int, most: int) -> list[tuple[int, int]]:
        statement = _days(self._codes, newest_first=self._newest_first)
        rows = statement.rows(self._connection, {**self._between(begin, last), "most": most})
        return [(day, int(jobs)) for day, jobs in rows]

    def _between(self, begin: int, last: int) -> dict[str, Any]:
        first, last = sorted((begin, last))
        return {**self._values, "first": first, "last": last}

    def _near(self, skip: int) -> tuple[int, int]:
        """A day shortly before that on which `skip` jobs have passed, and how many have passed before it."""
        return self._add_up(skip) if dialect_of(self._connection).has_slow_round_trips else self._guess(skip)

    def _guess(self, skip: int) -> tuple[int, int]:
        """By guesses as if every day had as many, then again among those that are left.

        To add up days is cheap, to read each of them is not.
        """
        begin, end = self._ends()
        passed, inside = 0, self._number
        for _ in range(_GUESSES):
            ahead = (end - begin) * self._on * (skip - passed) // max(1, inside)
            if ahead <= _FEW:
                break
            guess = begin + self._on * (ahead - _FEW // 2)
            days = sorted((begin, guess - self._on))
            jobs = total(self._connection, self._values, self._codes, (days[0], days[1]))
            if passed + jobs <= skip:
                begin, passed, inside = guess, passed + jobs, inside - jobs
            else:
                end, inside = guess - self._on, jobs
        return begin, passed

    def _ends(self) -> Days:
        """The first day of the walk that has jobs, and the last. Of several codes there are none before or after."""
        # To look for the ends of several takes longer than to walk there.
        codes = Codes() if self._codes.several else self._codes
        newest, oldest = _ends(codes).rows(self._connection, self._between(self._begin, self._end))[0]
        if newest is None:  # as damaged counts may have it
            return self._begin, self._end
        return (newest, oldest) if self._newest_first else (oldest, newest)

    def _add_up(self, skip: int) -> tuple[int, int]:
        """By one statement that adds up each day, where the way back and forth costs more."""
        statement = _passing(self._codes, newest_first=self._newest_first)
        values = {**self._between(self._begin, self._end), "skip": skip}
        day, jobs, passed = statement.rows(self._connection, values)[0]
        return day, int(passed) - int(jobs)


def _order(column: ColumnElement[int], *, newest_first: bool) -> ColumnElement[int]:
    return column.desc() if newest_first else column.asc()


def _by_day(codes: Codes) -> Any:
    """How many jobs of the codes there are on each day that has some."""
    found = select(table.c.day, table.c.jobs).where(*kept(codes), table.c.jobs > 0)
    if not codes.several:
        return found
    return found.with_only_columns(table.c.day, func.sum(table.c.jobs).label("jobs")).group_by(table.c.day)


@lru_cache(maxsize=256)
def _days(codes: Codes, *, newest_first: bool) -> Prepared:
    return Prepared(_by_day(codes).order_by(_order(table.c.day, newest_first=newest_first)).limit(bindparam("most")))


@lru_cache(maxsize=256)
def _ends(codes: Codes) -> Prepared:
    """The newest and the oldest day that has jobs."""
    days = select(table.c.day).where(*kept(codes), table.c.jobs > 0).limit(1)
    ordered = (days.order_by(_order(table.c.day, newest_first=newest_first)) for newest_first in (True, False))
    return Prepared(select(*(each.scalar_subquery() for each in ordered)))


@lru_cache(maxsize=256)
def _passing(codes: Codes, *, newest_first: bool) -> Prepared:
    """The day on which more than `skip` jobs have passed, its own number of them, and how many have passed with it."""
    each = _by_day(codes).subquery("each")
    passed = func.sum(each.c.jobs).over(order_by=_order(each.c.day, newest_first=newest_first)).label("passed")
    days = select(each.c.day, each.c.jobs, passed).subquery("days")
    order = _order(days.c.day, newest_first=newest_first)
    return Prepared(select(days).where(days.c.passed > bindparam("skip")).order_by(order).limit(1))
