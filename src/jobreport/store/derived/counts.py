"""Kept counts: how many jobs a tenant has, for each UTC day, service, type and state.

They are changed in the transaction that changes the jobs, so they are always exact. A total is the sum of one row for
each day, and a deep page is found by walking over days, where an OFFSET would walk over jobs.

A job is counted in eight rows of its day: for its service or `ANY`, its type or `ANY`, its state or `ANY`. So any of
these filters, or none, reads one row a day.
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
    """The conditions of a question, by `parameters`; `behind` is added to the names of those that differ from question
    to question in one statement."""
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
    """The day on which job number `skip` lies, how many jobs it has, and how many lie on it and the days before it."""
    days = _DAYS.add_columns(func.sum(table.c.jobs).over(order_by=order(table.c.day)).label("passed")).subquery("days")
    return Prepared(select(days).where(days.c.passed > bindparam("skip")).order_by(order(days.c.day)).limit(1))


_NEWEST_PASSING: Final = _passing(desc)
_OLDEST_PASSING: Final = _passing(asc)
_FEW: Final = 8
"""Days that are read at first: enough for most first pages."""
_FAR: Final = 0.1
"""Where more than this share of all jobs is to be skipped, the days that are read at first do not reach so far."""
_GUESSES: Final = 4
"""How often a day is guessed before the days around it are read; a history that grows evenly needs one or two."""

Change = tuple[StoredJob | None, StoredJob | None]
"""A job as it was stored before and as it is stored now; None where it was not stored, or no longer is."""


class Span(NamedTuple):
    """The newest and the oldest day on which the jobs of a page lie.

    `newer`: how many jobs of the newest day come before the page; `older`: how many of the oldest day come after it.
    """

    newest: int
    oldest: int
    newer: int
    older: int


def apply(connection: Connection, tenant: int, changes: Iterable[Change]) -> None:
    """Changes the counts of `tenant` as `changes` changed its jobs. The caller holds the tenant's lock."""
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
    """How many jobs with `query`'s service, type and state are filed on the days `first` to `last`, both included."""
    return int(_SUM.value(connection, parameters(tenant, query, first, last)))


def totals(connection: Connection, tenant: int, queries: Sequence[JobQuery], first: int, last: int) -> list[int]:
    """`total` for each query, by one statement."""
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
    """The days on which the jobs from number `skip` to `skip + size` lie, newest first.

    `whole` is how many jobs of the query are filed on the days `first` to `last`; `skip` is less. The days are walked
    from the end that is nearer.
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
    """The first and last day, in the order of the walk, on which the jobs from `skip` to `end` of `whole` lie.

    Returns the first day, how many of its jobs come before `skip`, the last day, and how many jobs have been passed
    when it is over.
    """
    days, bound = (_NEWEST, "last") if newest_first else (_OLDEST, "first")
    most, begin = _FEW, 0
    far = skip > whole * _FAR
    while True:
        if far:
            jump = _jump_by_sums if dialect_of(connection).has_slow_round_trips else _jump_by_guesses
            near, begin = jump(connection, among, skip, whole, newest_first=newest_first)
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


def _jump_by_guesses(
    connection: Connection, among: Mapping[str, Any], skip: int, whole: int, *, newest_first: bool
) -> tuple[int, int]:
    """A day shortly before the one on which job number `skip` of `whole` lies, and how many jobs lie before that day.

    The day is guessed as if every day had the same number of jobs, the sum up to it is read, and the rest is guessed
    again (interpolation search). To add up days is cheap; to read each of them is not.
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


def _jump_by_sums(
    connection: Connection, among: Mapping[str, Any], skip: int, _whole: int, *, newest_first: bool
) -> tuple[int, int]:
    """The day on which job number `skip` lies, and how many jobs lie before that day.

    One statement adds up every day: where round trips are slow, that is faster than to guess again and again.
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
    """The parameters of a statement about `query`'s service, type and state on the days `first` to `last`."""
    return {
        "tenant": tenant,
        "service": ANY if query.service is None else query.service.value,
        "type": ANY if query.type is None else query.type.value,
        "state": ANY if query.state is None else query.state.value,
        "first": first,
        "last": last,
    }
