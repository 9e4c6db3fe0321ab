"""Finds the days on which the jobs of a page lie, by adding up the kept counts day by day, from the nearer end.

Example: with 1,000 jobs a day, the page after 500,000 jobs lies on the 501st day. The counts of 500 days are added up,
and no job before that day is read. If the page is far away, most of the days are skipped by a guess first.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Connection, bindparam, func, select

from jobreport.store.db import dialect_of
from jobreport.store.db.prepared import Prepared
from jobreport.store.query.codes import Codes
from jobreport.store.query.totals import Days, kept, number_of, total
from jobreport.store.schema.jobs import job_count as table

_FEW: Final = 8
"""The number of days that are read at first: enough for the first page of most questions."""
_FAR: Final = 0.1
"""A page is far away if more than this part of all jobs is skipped. That is more than `_FEW` days, except in a very
short history."""
_GUESSES: Final = 4
"""At most this many guesses are made before single days are read. One or two do if all days have about as many jobs."""


class Span(NamedTuple):
    """The newest and the oldest day on which the jobs of a page lie.

    `newer` and `older` are the numbers of the other jobs on these days: those newer than the page, and those older.
    """

    newest: int
    oldest: int
    newer: int
    older: int


def locate(
    connection: Connection, values: Mapping[str, Any], codes: Codes, days: Days, skip: int, size: int, number: int
) -> Span:
    """Returns the days on which the jobs number `skip` (from 0) to `skip + size` (not included) lie, newest first.

    `number` is the number of all jobs on the days; `skip` must be less. `values` has the tenant and the codes.

    Example: the newest three days have 40, 30 and 50 jobs. For skip 60 and size 20 the days are the second and the
    third: 20 jobs there are newer than the page, 40 are older.
    """
    end = min(skip + size, number)
    if skip <= number - end:
        newest, newer, oldest, passed = _Walk(connection, values, codes, days, number, newest_first=True).to(skip, end)
        return Span(newest, oldest, newer, passed - end)
    walk = _Walk(connection, values, codes, days, number, newest_first=False)
    oldest, older, newest, passed = walk.to(number - end, number - skip)
    return Span(newest, oldest, passed - (number - skip), older)


class _Walk:
    """Reads the kept counts of some codes, from one end of the days to the other, and adds them up."""

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
        self._newest_first, self._several = newest_first, codes.several
        self._begin, self._end = days[::-1] if newest_first else days
        self._on = -1 if newest_first else 1

    def to(self, skip: int, end: int) -> tuple[int, int, int, int]:
        """Finds the days of the jobs number `skip` (from 0) to `end` (not included), counted in the order of the walk.

        Returns the first of these days, the number of jobs on it that come before `skip`, the last of these days, and
        the number of all jobs up to its end.
        """
        begin, passed_before, far = self._begin, 0, skip > self._number * _FAR
        if self._several and not far:
            # With several codes, each day has many counts. So only few days are read, from the first that has jobs.
            begin, _ = self._ends()
        most = _FEW
        while True:
            if far:
                begin, passed_before = self._near(skip)
            passed, first, before = passed_before, None, 0
            last = self._last(begin, most)
            days = self._days(begin, last, most)
            ended = last == self._end and len(days) < most
            if ended and not days:  # can only happen if the counts are damaged
                return begin, 0, begin, passed
            for day, jobs in days:
                passed += jobs
                if first is None and passed > skip:
                    first, before = day, skip - (passed - jobs)
                if passed >= end or (ended and day == days[-1][0]):
                    # PostgreSQL adds up to a number of another type.
                    return day if first is None else first, int(before), day, int(passed)
            far = first is None and most == _FEW and not far
            most *= 4

    def _last(self, begin: int, most: int) -> int:
        """Returns the last day to read, from the day `begin` on. With several codes at most `most` days are read."""
        if not self._several:
            return self._end
        last = begin + self._on * (most - 1)
        return max(last, self._end) if self._newest_first else min(last, self._end)

    def _days(self, begin: int, last: int, most: int) -> list[tuple[Any, ...]]:
        statement = _days(self._codes, newest_first=self._newest_first)
        return statement.rows(self._connection, {**self._between(begin, last), "most": most})

    def _between(self, begin: int, last: int) -> dict[str, Any]:
        first, last = sorted((begin, last))
        return {**self._values, "first": first, "last": last}

    def _near(self, skip: int) -> tuple[int, int]:
        """Returns a day shortly before the page, and the number of jobs before that day: at most `skip`."""
        return self._add_up(skip) if dialect_of(self._connection).has_slow_round_trips else self._guess(skip)

    def _guess(self, skip: int) -> tuple[int, int]:
        """Does `_near` by guessing as if all days had the same number of jobs, then again among the days that are left.

        To add up many days is cheap; to read each of them is not.

        Example: 1,000,000 jobs lie on 1,000 days, and 500,000 are skipped. The first guess is the 500th day, less 4. If
        the days before it have 450,000 jobs, the next guess is made among the days from there on, for the 50,000 that
        are still to be skipped.
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
        """Returns the first and the last day of the walk that have jobs.

        With several codes, these are the days that have jobs of any code: the range may be too wide, but never too
        narrow.
        """
        # To look for the ends of each of several codes takes longer than to walk there.
        codes = Codes(clock=self._codes.clock) if self._several else self._codes
        newest, oldest = _ends(codes).rows(self._connection, self._between(self._begin, self._end))[0]
        if newest is None:  # can only happen if the counts are damaged
            return self._begin, self._end
        return (newest, oldest) if self._newest_first else (oldest, newest)

    def _add_up(self, skip: int) -> tuple[int, int]:
        """Does `_near` exactly, by one statement that adds up all days.

        It is for databases where a round trip costs more than that.
        """
        statement = _passing(self._codes, newest_first=self._newest_first)
        values = {**self._between(self._begin, self._end), "skip": skip}
        day, jobs, passed = statement.rows(self._connection, values)[0]
        return day, int(passed) - int(jobs)


def _order(column: ColumnElement[int], *, newest_first: bool) -> ColumnElement[int]:
    return column.desc() if newest_first else column.asc()


def _by_day(codes: Codes) -> Any:
    """Returns a query for each day that has jobs of the codes, and their number."""
    jobs = number_of(codes)
    statement = select(table.c.day, jobs.label("jobs")).where(*kept(codes), jobs > 0)
    if not codes.several:
        return statement
    return statement.with_only_columns(table.c.day, func.sum(jobs).label("jobs")).group_by(table.c.day)


@lru_cache(maxsize=256)
def _days(codes: Codes, *, newest_first: bool) -> Prepared:
    return Prepared(_by_day(codes).order_by(_order(table.c.day, newest_first=newest_first)).limit(bindparam("most")))


@lru_cache(maxsize=256)
def _ends(codes: Codes) -> Prepared:
    """Returns a statement for the newest and the oldest day that have jobs of the codes."""
    days = select(table.c.day).where(*kept(codes), number_of(codes) > 0).limit(1)
    ordered = (days.order_by(_order(table.c.day, newest_first=newest_first)) for newest_first in (True, False))
    return Prepared(select(*(each.scalar_subquery() for each in ordered)))


@lru_cache(maxsize=256)
def _passing(codes: Codes, *, newest_first: bool) -> Prepared:
    """Returns a statement for the first day by whose end more than `skip` jobs have passed.

    Its columns: the day, the number of jobs on it, and the number of jobs up to its end.
    """
    each = _by_day(codes).subquery("each")
    passed = func.sum(each.c.jobs).over(order_by=_order(each.c.day, newest_first=newest_first)).label("passed")
    days = select(each.c.day, each.c.jobs, passed).subquery("days")
    order = _order(days.c.day, newest_first=newest_first)
    return Prepared(select(days).where(days.c.passed > bindparam("skip")).order_by(order).limit(1))
