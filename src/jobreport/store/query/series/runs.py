"""Reads the last runs of a series, by the index of the jobs by subject.

Nearly every series has one subject. If its jobs have other descriptions each time, it has many; then the newest job of
each is looked up first, and only the few subjects that can have one of the last runs are read.
"""

import re
from collections.abc import Collection
from functools import lru_cache
from typing import Any, Final

from msgspec.structs import replace
from sqlalchemy import BigInteger, ColumnElement, Connection, Integer, bindparam, func, literal_column, select

from jobreport.model.catalog import JobState
from jobreport.model.series_query import SeriesRuns
from jobreport.model.usual import RUNS, Run, Usual, usual
from jobreport.store.db import dialect_of
from jobreport.store.db.expressions import any_of, walk
from jobreport.store.db.prepared import Prepared
from jobreport.store.derived.series import good_states
from jobreport.store.derived.series_parts import STARTED
from jobreport.store.query.series import listing
from jobreport.store.schema.jobs import job as table
from jobreport.store.schema.jobs import subject as subjects

_INDEX: Final = "job_subject"
_RUN: Final = ("filed", "job_id", "state", "start", "finish", "total", "size")
_SUBJECTS: Final = Prepared(
    select(subjects.c.series, subjects.c.subject).where(
        subjects.c.tenant == bindparam("tenant"), any_of(subjects.c.series)
    )
)
_BEFORE: Final = Prepared(
    walk(select(*(table.c[name] for name in _RUN)), table, _INDEX)
    .where(
        table.c.tenant == bindparam("tenant"),
        table.c.subject == bindparam("subject"),
        table.c.filed <= bindparam("at", type_=BigInteger()),
        table.c.state != literal_column(str(int(JobState.NotStarted)), Integer),
    )
    .order_by(table.c.filed.desc(), table.c.job_id.desc())
    .limit(bindparam("most"))
)
_NUMBER: Final = re.compile(r"[0-9]{1,10}")
_KEY: Final = re.compile(r"[0-9a-f]{32}")
_MAX_NUMBER: Final = 2**31 - 1


def one_series(connection: Connection, tenant: int, name: str) -> SeriesRuns | None:
    """Returns the series of this number or key, with its last runs; None if `tenant` has none with jobs."""
    if _NUMBER.fullmatch(name) and int(name) <= _MAX_NUMBER:
        one = listing.find_one(connection, tenant, int(name))
    elif _KEY.fullmatch(name.lower()):
        one = listing.find_one(connection, tenant, bytes.fromhex(name))
    else:
        one = None
    if one is None:
        return None
    runs = newest(connection, tenant, one.number, STARTED)
    return SeriesRuns(one, tuple(runs), usual_of(connection, tenant, one.number))


def usual_of(connection: Connection, tenant: int, series: int) -> Usual | None:
    """Returns what is usual of the last good runs of a series; None if it has none."""
    return usual(newest(connection, tenant, series, good_states(connection, tenant)))


def usual_of_each(connection: Connection, tenant: int, numbers: Collection[int]) -> dict[int, Usual]:
    """Returns what `usual_of` does for each of these series, by their numbers, without those that have no good run."""
    found = newest_of_each(connection, tenant, numbers, good_states(connection, tenant), RUNS)
    return {number: known for number, runs in found.items() if (known := usual(runs))}


def newest_of_each(
    connection: Connection, tenant: int, numbers: Collection[int], states: frozenset[JobState], most: int
) -> dict[int, list[Run]]:
    """Returns what `newest` does for each of these series, by their numbers, without those that have no such run."""
    if not numbers:
        return {}
    values = {"tenant": tenant, "ids": dialect_of(connection).array([*numbers])}
    found: dict[int, list[Any]] = {}
    for number, *row in _last(states, most).rows(connection, values):
        found.setdefault(number, []).append(row)
    for rows in found.values():
        rows.sort(reverse=True)
    return {number: [Run(job_id, *row) for _, job_id, *row in rows[:most]] for number, rows in found.items()}


def newest(
    connection: Connection, tenant: int, series: int, states: frozenset[JobState], most: int = RUNS
) -> list[Run]:
    """Returns the newest runs of a series in these states, newest first, at most so many."""
    ends = _ends(states).rows(connection, {"tenant": tenant, "series": series})
    last = sorted((end for _, end in ends if end), reverse=True)[:most]
    since = last[-1] if len(last) == most else 0
    rows: list[tuple[Any, ...]] = []
    for subject, end in ends:
        if end and end >= since:
            values = {"tenant": tenant, "subject": subject, "since": since, "most": most}
            rows += _runs(states).rows(connection, values)
    rows.sort(reverse=True)
    return [Run(job_id, *row) for _, job_id, *row in rows[:most]]


def newest_before(
    connection: Connection, tenant: int, numbers: Collection[int], at: int, most: int
) -> dict[int, list[Run]]:
    """Returns the last runs of each of these series as they stood at a time (ticks), newest first, at most so many."""
    values = {"tenant": tenant, "ids": dialect_of(connection).array([*numbers])}
    found: dict[int, list[Any]] = {}
    for number, subject in _SUBJECTS.rows(connection, values):
        of_it = {"tenant": tenant, "subject": subject, "at": at, "most": most}
        found.setdefault(number, []).extend(_BEFORE.rows(connection, of_it))
    runs: dict[int, list[Run]] = {}
    for number, rows in found.items():
        rows.sort(reverse=True)
        runs[number] = [_as_of(Run(job_id, *row), at) for _, job_id, *row in rows[:most]]
    return runs


def _as_of(run: Run, at: int) -> Run:
    return replace(run, state=int(JobState.InProgress), finish=0) if run.finish > at else run


def _states(states: frozenset[JobState]) -> ColumnElement[bool]:
    return table.c.state.in_([literal_column(str(code), Integer) for code in sorted(map(int, states))])


@lru_cache(maxsize=8)
def _ends(states: frozenset[JobState]) -> Prepared:
    """Returns the statement for the filed time of the newest job of each subject."""
    about = table.c.tenant == subjects.c.tenant, table.c.subject == subjects.c.subject
    mine = walk(select(table.c.filed), table, _INDEX).where(*about, _states(states)).correlate(subjects)
    end = mine.order_by(table.c.filed.desc()).limit(literal_column("1", Integer)).scalar_subquery()
    of_it = subjects.c.tenant == bindparam("tenant"), subjects.c.series == bindparam("series")
    return Prepared(select(subjects.c.subject, func.coalesce(end, literal_column("0", BigInteger))).where(*of_it))


@lru_cache(maxsize=8)
def _runs(states: frozenset[JobState]) -> Prepared:
    """Returns the statement for the newest jobs of one subject: its filed time, then the fields of `Run`."""
    columns = [table.c[name] for name in _RUN]
    of_it = table.c.tenant == bindparam("tenant"), table.c.subject == bindparam("subject")
    since = table.c.filed >= bindparam("since", type_=BigInteger())
    order = table.c.filed.desc(), table.c.job_id.desc()
    mine = walk(select(*columns), table, _INDEX)
    return Prepared(mine.where(*of_it, since, _states(states)).order_by(*order).limit(bindparam("most")))


@lru_cache(maxsize=8)
def _last(states: frozenset[JobState], most: int) -> Prepared:
    """Returns the statement for the newest jobs of each subject of several series, at most so many of each: the number
    of the series, the filed time, then the fields of `Run`.
    """
    about = table.c.tenant == subjects.c.tenant, table.c.subject == subjects.c.subject
    mine = walk(select(table.c.filed), table, _INDEX).where(*about, _states(states)).correlate(subjects)
    order = table.c.filed.desc(), table.c.job_id.desc()
    first = mine.order_by(*order).limit(literal_column("1", Integer)).offset(literal_column(str(most - 1), Integer))
    since = func.coalesce(first.scalar_subquery(), literal_column("0", BigInteger)).label("since")
    found = select(subjects.c.tenant, subjects.c.subject, subjects.c.series, since)
    # First, so that the time from which a subject is read is found once and not for each of its jobs.
    of_these = subjects.c.tenant == bindparam("tenant"), any_of(subjects.c.series)
    ends = found.where(*of_these).cte("ends").prefix_with("MATERIALIZED")
    columns = [table.c[name] for name in _RUN]
    runs = walk(select(ends.c.series, *columns), table, _INDEX).select_from(ends)
    of_it = (table.c.tenant == ends.c.tenant) & (table.c.subject == ends.c.subject)
    return Prepared(runs.join(table, of_it).where(table.c.filed >= ends.c.since, _states(states)))
