"""Finds jobs that run far longer than is usual for their series (`model.usual`): most of them hang.

Only jobs that have run for an hour are read, by the index of what is not Successful; of each tenant at most the `MOST`
that have run longest.
"""

from collections.abc import Collection
from typing import Final, NamedTuple

from sqlalchemy import BigInteger, Connection, bindparam, select

from jobreport.model.catalog import JobState
from jobreport.model.usual import FAR, is_far_longer
from jobreport.store.db import dialect_of
from jobreport.store.db.expressions import any_of, walk
from jobreport.store.db.prepared import Prepared
from jobreport.store.query.codes import constant
from jobreport.store.query.series.runs import usual_of_each
from jobreport.store.schema.jobs import job
from jobreport.store.schema.jobs import subject as subjects
from jobreport.store.schema.rows import ABOUT

MOST: Final = 100
_RUNNING: Final = Prepared(
    walk(
        select(job.c.tenant, job.c.start, job.c.job_id, subjects.c.series, subjects.c.plan, subjects.c.resource),
        job,
        "job_state",
    )
    .join_from(job, subjects, ABOUT)
    .where(
        any_of(job.c.tenant),
        job.c.state == constant(JobState.InProgress),
        job.c.filed < bindparam("before", type_=BigInteger()),
        # The condition of the index.
        job.c.state != constant(JobState.Successful),
    )
)


class LongRun(NamedTuple):
    """A job that runs since `start` (ticks), and how long its series usually takes: the median, in ticks."""

    start: int
    job_id: str
    plan: str
    resource: str
    usual: int


def long_runs(connection: Connection, tenants: Collection[int], now: int) -> dict[int, list[LongRun]]:
    """Returns the jobs of each tenant that run far longer than usual at `now` (ticks), the longest first."""
    values = {"ids": dialect_of(connection).array([*tenants]), "before": now - FAR}
    running: dict[int, list[tuple[int, str, int, str, str]]] = {}
    for tenant, start, job_id, series, plan, resource in _RUNNING.rows(connection, values):
        if series:
            running.setdefault(tenant, []).append((start, job_id, series, plan, resource))
    found: dict[int, list[LongRun]] = {}
    for tenant, rows in running.items():
        longest = sorted(rows)[:MOST]
        usual = usual_of_each(connection, tenant, {series for _, _, series, _, _ in longest})
        for start, job_id, series, plan, resource in longest:
            if (known := usual.get(series)) and is_far_longer(now - start, known):
                one = LongRun(start, job_id, plan, resource, known.duration.median)
                found.setdefault(tenant, []).append(one)
    return found
