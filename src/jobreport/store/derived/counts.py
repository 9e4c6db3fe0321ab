"""Jobs that came, changed and went in; the kept counts that make totals and deep pages cheap, out.

A count is kept for each tenant, UTC day, and service or any, type or any, state or any. It changes in the
transaction that changes the jobs, so that it is never wrong and never waited for.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import product
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Connection, asc, bindparam, desc, func, select

from jobreport.model import ticks
from jobreport.model.query import JobQuery
from jobreport.model.verdict import StoredJob
from jobreport.store.db import dialect_of
from jobreport.store.db.bulk_write import PreparedAdd
from jobreport.store.db.prepared import Prepared
from jobreport.store.schema.jobs import job_count as table

ANY: Final = -1
"""Stands for every service, type or state; no code is negative."""

_Key = tuple[int, int, int, int]
"""Service, type, state and day."""

_CODES: Final = ("service", "type", "state")


_ADD: Final = PreparedAdd(table, "jobs")


def _of(behind: str = "") -> tuple[ColumnElement[bool], ...]:
    """Conditions by `parameters`, with `behind` behind the names of those that differ between the questions of one."""
    codes = (table.c[name] == bindparam(f"{name}{behind}") for name in _CODES)
    days = table.c.day >= bindparam("first"), table.c.day <= bindparam("last")
    return table.c.tenant == bindparam("tenant"), *codes, *days


_JOBS: Final = select(func.coalesce(func.sum(table.c.jobs), 0).label("jobs"))
_OF: Final = _of()
SUM: Final = _JOBS.where(*_OF)
"""How many jobs are filed on some days; its parameters are those of `parameters`."""
_SUM: Final = Prepared(SUM)
_DAYS: Final = select(table.c.day, table.c.jobs).where(*_OF, table.c.jobs > 0)
_NEWEST: Final = Prepared(_DAYS.order_by(table.c.day.desc()).limit(bindparam("most")))
_OLDEST: Final = Prepared(_DAYS.order_by(table.c.day).limit(bindparam("most")))
_ENDS: Final = Prepared(
    select(
        *(
            _DAYS.with_only_columns(table.c.day).order_by(end).limit(1).scalar_subquery()
            for end in (table.c.day.desc(), table.c.day)
        )
    )
)


def _passing(order: Callable[[ColumnElement[Any]], ColumnElement[Any]]) -> Prepared:
    """The day on which more than `skip` jobs have passed, its own number of them, and how many have passed with it."""
    days = _DAYS.add_columns(func.sum(table.c.jobs).over(order_by=order(table.c.day)).label("passed")).subquery("days")
    return Prepared(select(days).where(days.c.passed > bindparam("skip")).order_by(order(days.c.day)).limit(1))


_NEWEST_PASSING: Final = _passing(desc)
_OLDEST_PASSING: Final = _passing(asc)
_FEW: Final = 8
"""Days that are read at first: enough for the first page of most questions."""
_FAR: Final = 0.1
"""A part of all jobs that fills more days than these, but in the shortest of histories."""
_GUESSES: Final = 4
"""How often a day is guessed before its neighbours are read; a history that grows evenly needs one or two."""

Change = tuple[StoredJob | None, StoredJob | None]
"""What was stored of a job and what is stored now; None: nothing."""


class Span(NamedTuple):
    """The newest and the oldest day that hold the jobs of a page, and how many others of these days come before and
    after them."""

    newest: int
    oldest: int
    newer: int
    older: int


def apply(connection: Connection, tenant: int, changes: Iterable[Change]) -> None:
    """Brings the counts of `tenant` up to date with `changes`."""
    differences: Counter[_Key] = Counter()
    for before, after in changes:
        if before:
            differences[_key(before)] -= 1
        if after:
            differences[_key(after)] += 1
    kept: Counter[_Key] = Counter()
    for (service, kind, state, day), number in differences.items():
        if number:
            for key in product((service, ANY), (kind, ANY), (state, ANY), (day,)):
                kept[key] += number
    if rows := [(tenant, *key, number) for key, number in kept.items() if number]:
        _ADD.many(connection, rows)


def total(connection: Connection, tenant: int, query: JobQuery, first: int, last: int) -> int:
    """How many jobs of `query`'s codes are filed on the days `first` to `last`."""
    return int(_SUM.value(connection, parameters(tenant, query, first, last)))


def totals(connection: Connection, tenant: int, queries: Sequence[JobQuery], first: int, last: int) -> list[int]:
    """The same for the codes of each query, asked for at once."""
    asked: dict[str, Any] = {}
    for number, query in enumerate(queries):
        for name, value in parameters(tenant, query, first, last).items():
            asked[f"{name}{number}" if name in _CODES else name] = value
    return [int(total) for total in _sums(len(queries)).rows(connection, asked)[0]]


@lru_cache(maxsize=16)
def _sums(number: int) -> Prepared:
    return Prepared(select(*(_JOBS.where(*_of(str(each))).scalar_subquery() for each in range(number))))


def locate(
    connection: Connection, tenant: int, query: JobQuery, first: int, last: int, skip: int, size: int, whole: int
) -> Span:
    """The days that hold the jobs from `skip` to `skip + size` of the `whole` that are filed on `first` to `last`.

    `skip` is less than `whole`. The days are walked from the nearer end.
    """
    among = parameters(tenant, query, first, last)
    end = min(skip + size, whole)
    if skip <= whole - end:
        newest, newer, oldest, beyond = _walk(connection, among, skip, end, whole, newest_first=True)
        return Span(newest, oldest, newer, beyond - end)
    oldest, older, newest, beyond = _walk(connection, among, whole - end, whole - skip, whole, newest_first=False)
    return Span(newest, oldest, beyond - (whole - skip), older)


def _walk(
    connection: Connection, among: Mapping[str, Any], skip: int, end: int, whole: int, *, newest_first: bool
) -> tuple[int, int, int, int]:
    """The first and last day, as the walk comes to them, that hold the jobs from `skip` to `end` of `whole`.

    After the first: how many of its jobs come before `skip`; after the last: how many jobs have come when it is over.
    """
    days, bound = (_NEWEST, "last") if newest_first else (_OLDEST, "first")
    most, begin = _FEW, 0
    far = skip > whole * _FAR
    while True:
        if far:
            come_near = _reach if dialect_of(connection).has_slow_round_trips else _approach
            near, begin = come_near(connection, among, skip, whole, newest_first=newest_first)
            among = {**among, bound: near}
        passed, first, before = begin, None, 0
        found = days.rows(connection, {**among, "most": most})
        for day, jobs in found:
            passed += jobs
            if first is None and passed > skip:
                first, before = day, skip - (passed - jobs)
            if passed >= end or (len(found) < most and day == found[-1][0]):
                return day if first is None else first, before, day, passed
        far = first is None and most == _FEW and not far
        most *= 4


def _approach(
    connection: Connection, among: Mapping[str, Any], skip: int, whole: int, *, newest_first: bool
) -> tuple[int, int]:
    """A day shortly before that on which `skip` of the `whole` jobs have passed, and how many have passed before it.

    It is guessed as if every day had as many, and guessed again among those that are left: adding up days is cheap,
    reading each of them is not.
    """
    newest, oldest = _ENDS.rows(connection, among)[0]
    near, far, on = (newest, oldest, -1) if newest_first else (oldest, newest, 1)
    passed, inside = 0, whole
    for _ in range(_GUESSES):
        ahead = (far - near) * on * (skip - passed) // max(1, inside)
        if ahead <= _FEW:
            break
        guess = near + on * (ahead - _FEW // 2)
        between = sorted((near, guess - on))
        jobs = int(_SUM.value(connection, {**among, "first": between[0], "last": between[1]}))
        if passed + jobs <= skip:
            near, passed, inside = guess, passed + jobs, inside - jobs
        else:
            far, inside = guess - on, jobs
    return near, passed


def _reach(
    connection: Connection, among: Mapping[str, Any], skip: int, _whole: int, *, newest_first: bool
) -> tuple[int, int]:
    """The day on which `skip` of the jobs have passed, and how many have passed before it.

    By one statement that adds up each day: to PostgreSQL the way back and forth costs more.
    """
    statement = _NEWEST_PASSING if newest_first else _OLDEST_PASSING
    day, jobs, passed = statement.rows(connection, {**among, "skip": skip})[0]
    return day, int(passed) - jobs


def day_of(moment: int) -> int:
    """The UTC day of a time in ticks, counted from year 1."""
    return moment // ticks.PER_DAY


def _key(stored: StoredJob) -> _Key:
    job = stored.job
    return int(job.service), int(job.type), int(job.state), day_of(stored.filed)


def parameters(tenant: int, query: JobQuery, first: int, last: int) -> dict[str, Any]:
    """What a statement needs to know of the counts of `query`'s codes on the days `first` to `last`."""
    return {
        "tenant": tenant,
        "service": ANY if query.service is None else query.service.value,
        "type": ANY if query.type is None else query.type.value,
        "state": ANY if query.state is None else query.state.value,
        "first": first,
        "last": last,
    }
