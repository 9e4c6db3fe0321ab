"""Reads the jobs of a range of time that were not good: by cause, and of which series.

A night of 100,000 jobs takes a while to be read, and people look at it every few seconds. So what is read of each UTC
day is remembered, until a job of that day changes.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any, Final, NamedTuple
from weakref import WeakKeyDictionary

from sqlalchemy import BigInteger, Connection, Engine, Integer, bindparam, func, literal_column, select

from jobreport.model.catalog import JobState
from jobreport.model.ticks import PER_DAY
from jobreport.store.db import dialect_of
from jobreport.store.db.expressions import any_of, walk
from jobreport.store.db.prepared import Prepared
from jobreport.store.derived.counts import day_of
from jobreport.store.query.summaries import part_days
from jobreport.store.schema.jobs import cause as causes
from jobreport.store.schema.jobs import job
from jobreport.store.schema.jobs import subject as subjects
from jobreport.store.schema.rows import ABOUT

_MOST: Final = 500_000
"""If so many numbers of series are remembered, all are forgotten."""
_TEXTS: Final = Prepared(
    select(causes.c.cause, causes.c.code, causes.c.text).where(
        causes.c.tenant == bindparam("tenant"), any_of(causes.c.cause)
    )
)


@lru_cache(maxsize=4)
def _bad(states: tuple[JobState, ...]) -> Prepared:
    """Returns the statement for the jobs in these states, by cause and series."""
    return Prepared(
        walk(select(job.c.cause, subjects.c.series, func.count(), func.min(job.c.filed)), job, "job_ended")
        .join_from(job, subjects, ABOUT)
        .where(
            job.c.tenant == bindparam("tenant"),
            job.c.finish >= bindparam("since", type_=BigInteger()),
            job.c.finish <= bindparam("until", type_=BigInteger()),
            # The condition of the index stands last: SQLite begins to read at the first lower bound.
            job.c.finish > literal_column("0", BigInteger),
            job.c.state.in_([literal_column(str(int(state)), Integer) for state in states]),
        )
        .group_by(job.c.cause, subjects.c.series)
    )


class Bad(NamedTuple):
    """The jobs that were not good for one cause. `series`: to which they belong. `since` is when the first of the
    `jobs` was filed, in ticks. Code and text of the cause are empty if there is none.
    """

    code: str
    text: str
    jobs: int
    series: frozenset[int]
    since: int


_Question = tuple[int, int, int, tuple[JobState, ...]]
_KNOWN: Final[WeakKeyDictionary[Engine, dict[_Question, tuple[int, list[Bad]]]]] = WeakKeyDictionary()


def bad_jobs(connection: Connection, tenant: int, since: int, until: int, states: tuple[JobState, ...]) -> list[Bad]:
    """Returns the jobs that ended from `since` to `until` (ticks) and were not good, by the code of their cause.
    `states` are those that are not good.
    """
    first, last = day_of(since), day_of(until)
    numbers = part_days.changes(connection, {"tenant": tenant}, (first, last))
    found = list[Bad]()
    for day in range(first, last + 1):
        begin, end = max(since, day * PER_DAY), min(until, (day + 1) * PER_DAY - 1)
        found += _of_day(connection, tenant, begin, end, states, numbers.get(day, 0))
    return _together(found)


def _of_day(
    connection: Connection, tenant: int, since: int, until: int, states: tuple[JobState, ...], changes: int
) -> list[Bad]:
    """Returns those of a UTC day, or of a part of it. `changes`: the number of changes of the day (0: not known)."""
    known = _KNOWN.setdefault(connection.engine, {})
    question = tenant, since, until, states
    if changes and (kept := known.get(question)) and kept[0] == changes:
        return kept[1]
    rows = _bad(states).rows(connection, {"tenant": tenant, "since": since, "until": until})
    texts = _texts(connection, tenant, {row[0] for row in rows})
    found = _together(
        Bad(*texts.get(cause, ("", "")), jobs, frozenset([series] if series else ()), first)
        for cause, series, jobs, first in rows
    )
    if changes:
        known[question] = changes, found
    if sum(len(one.series) for _, every in known.values() for one in every) > _MOST:
        known.clear()
    return found


def _texts(connection: Connection, tenant: int, numbers: set[int]) -> dict[int, tuple[str, str]]:
    """Returns code and text of each of these causes."""
    values: dict[str, Any] = {"tenant": tenant, "ids": dialect_of(connection).array(sorted(numbers))}
    return {number: (code, text) for number, code, text in _TEXTS.rows(connection, values)}


def _together(parts: Iterable[Bad]) -> list[Bad]:
    """Returns one for each code. Of several texts, the first one counts."""
    by_code: dict[str, list[Bad]] = {}
    for one in parts:
        by_code.setdefault(one.code, []).append(one)
    return [
        Bad(
            code,
            several[0].text,
            sum(one.jobs for one in several),
            frozenset().union(*(one.series for one in several)),
            min(one.since for one in several),
        )
        for code, several in by_code.items()
    ]
