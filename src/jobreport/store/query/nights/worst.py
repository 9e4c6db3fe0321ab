"""Finds for many tenants, night by night, the worst state in which a job ended.

The kept counts say how often each state occurred. If it was rare, its jobs are read. If it was frequent, the index of
ends soon leads to one in each night.
"""

from bisect import bisect_right
from collections.abc import Collection, Iterator, Sequence
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import BigInteger, Connection, Integer, bindparam, func, select

from jobreport.model import nights, ticks
from jobreport.model.catalog import JobState
from jobreport.model.nights import NightHours
from jobreport.store.db import dialect_of
from jobreport.store.db.expressions import any_of, walk
from jobreport.store.db.prepared import Prepared
from jobreport.store.derived.counts import ANY, day_of
from jobreport.store.query.codes import constant
from jobreport.store.query.nights.ended import SOME, ended_in_nights
from jobreport.store.schema.jobs import job, job_count

_BADNESS: Final = (JobState.Failed, JobState.Stopped, JobState.Exception, JobState.Successful)
"""The states of jobs that have ended, the worst first. (A skipped one did nothing.)"""
_LONGEST: Final = 7 * ticks.PER_DAY
"""Jobs that were not good and took longer than this (ticks) may be missing in the nights."""
ENTRIES: Final = 40
_COUNTS: Final = Prepared(
    select(job_count.c.tenant, job_count.c.state, func.sum(job_count.c.ended))
    .where(
        any_of(job_count.c.tenant),
        job_count.c.service == constant(ANY),
        job_count.c.type == constant(ANY),
        job_count.c.state.in_([constant(state) for state in (ANY, *_BADNESS)]),
        job_count.c.day >= bindparam("first", type_=Integer()),
        job_count.c.day <= bindparam("last", type_=Integer()),
    )
    .group_by(job_count.c.tenant, job_count.c.state)
)


@lru_cache(maxsize=8)
def _rows(state: JobState) -> Prepared:
    """Returns the statement that reads the ends of all jobs of a state that is not good."""
    return Prepared(
        walk(select(job.c.tenant, job.c.finish), job, "job_state").where(
            any_of(job.c.tenant),
            job.c.state == constant(state),
            job.c.state != constant(JobState.Successful),
            job.c.filed >= bindparam("started", type_=BigInteger()),
            job.c.filed <= bindparam("until", type_=BigInteger()),
            job.c.finish >= bindparam("since", type_=BigInteger()),
            job.c.finish <= bindparam("until", type_=BigInteger()),
        )
    )


@lru_cache(maxsize=32)
def _looks(state: JobState, number: int) -> Prepared:
    """Returns the statement that says of each tenant in which of so many nights a job ended in this state."""
    return Prepared(select(SOME.c.tenant, *ended_in_nights(number, job.c.state == constant(state))))


def worst_of_nights(
    connection: Connection,
    tenants: Collection[int],
    hours: NightHours,
    days: Sequence[date],
    *,
    entries: int = ENTRIES,
) -> dict[int, dict[date, JobState]]:
    """Returns for each tenant the worst state in which a job ended, of each of these nights, which follow each other.

    The nights of all of these tenants must begin at the same `hours`. A night in which none ended, or only skipped
    ones, is left out. `entries` is how many entries of an index are passed in the time in which one row is read: it
    changes the speed, never the result.
    """
    begins = [nights.begin(hours, day) for day in (*days, days[-1] + timedelta(1))]
    found: dict[int, dict[date, JobState]] = {}
    counts = _counts(connection, tenants, begins)
    for state in _BADNESS:
        seldom, often = list[int](), list[int]()
        for one in tenants:
            if (number := counts.get((one, state))) and len(found.get(one, ())) < len(days):
                # In each night, some `of all / number` jobs are passed until one has this state.
                rows_cost, looks_cost = number * entries, len(days) * counts[one, ANY] // number
                # No index has only the successful jobs.
                is_seldom = rows_cost < looks_cost and state is not JobState.Successful
                (seldom if is_seldom else often).append(one)
        for tenant, place in (
            *_by_rows(connection, state, seldom, begins),
            *_by_looks(connection, state, often, begins),
        ):
            found.setdefault(tenant, {}).setdefault(days[place], state)
    return found


def _counts(connection: Connection, tenants: Collection[int], begins: Sequence[int]) -> dict[tuple[int, int], int]:
    """Returns how many jobs of each tenant ended in each state, and in any, on all UTC days that the nights touch."""
    values = {"ids": dialect_of(connection).array([*tenants]), **_days(begins)}
    return {(tenant, state): int(number) for tenant, state, number in _COUNTS.rows(connection, values)}


def _days(begins: Sequence[int]) -> dict[str, int]:
    return {"first": day_of(begins[0]), "last": day_of(begins[-1] - 1)}


def _by_rows(
    connection: Connection, state: JobState, tenants: Collection[int], begins: Sequence[int]
) -> Iterator[tuple[int, int]]:
    """Gives the tenant and the place of the night of each job of this state."""
    if not tenants:
        return
    since, until = begins[0], begins[-1] - 1
    values = {"since": since, "until": until, "started": since - _LONGEST}
    ids = dialect_of(connection).array([*tenants])
    for tenant, finish in _rows(state).rows(connection, {**values, "ids": ids}):
        yield tenant, bisect_right(begins, finish) - 1


def _by_looks(
    connection: Connection, state: JobState, tenants: Collection[int], begins: Sequence[int]
) -> Iterator[tuple[int, int]]:
    """Gives the tenant and the place of each night that has a job of this state."""
    if not tenants:
        return
    values: dict[str, Any] = {f"begin{place}": begin for place, begin in enumerate(begins)}
    values |= {"ids": dialect_of(connection).array([*tenants]), **_days(begins)}
    for tenant, *looks in _looks(state, len(begins) - 1).rows(connection, values):
        for place, there in enumerate(looks):
            if there:
                yield tenant, place
