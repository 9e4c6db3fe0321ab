"""Fills in the causes of the jobs that are not good."""

from typing import Final

from sqlalchemy import Connection, bindparam, func, select

from jobreport.model import ticks
from jobreport.model.catalog import NOT_GOOD
from jobreport.store.backfill.step import Position, Step, measured, rows_after
from jobreport.store.db.expressions import walk
from jobreport.store.derived import causes
from jobreport.store.derived.counts import ANY
from jobreport.store.schema.jobs import job, job_count

_JOBS: Final = 5_000
"""About so many jobs are read in one transaction."""
_STATES: Final = tuple(map(int, sorted(NOT_GOOD)))


def _fill_causes(connection: Connection, here: Position) -> Position | None:
    """Gives the jobs of the next days that are not good the causes that their comments tell."""
    days = connection.execute(_NEXT_DAYS, {"tenant": here.tenant, "last": here.last}).all()
    jobs = 0
    for row in days:
        if row.tenant != days[0].tenant or (jobs and jobs + row.jobs > _JOBS):
            break
        first = row.day * ticks.PER_DAY
        given = {"tenant": row.tenant, "first": first, "end": first + ticks.PER_DAY}
        causes.fill(connection, row.tenant, [causes.Wrong(*one) for one in connection.execute(_OF_DAY, given)])
        jobs += row.jobs
        here = Position(here.step, row.tenant, row.day)
    return here if days else None


_COUNTED: Final = (
    job_count.c.service == ANY,
    job_count.c.type == ANY,
    job_count.c.state.in_(_STATES),
    job_count.c.jobs > 0,
)
_NEXT_DAYS: Final = (
    rows_after([func.sum(job_count.c.jobs).label("jobs")], job_count.c.day)
    .where(*_COUNTED)
    .group_by(job_count.c.tenant, job_count.c.day)
    .limit(100)
)
_OF_DAY: Final = walk(
    select(job.c.job_id, job.c.comments).where(
        job.c.tenant == bindparam("tenant"),
        job.c.state.in_(_STATES),
        job.c.filed >= bindparam("first"),
        job.c.filed < bindparam("end"),
        job.c.comments != "",
    ),
    job,
    "job_filed",
)
STEP: Final = Step("jobs that are not good", _fill_causes, measured(job_count.c.day, job_count.c.jobs, *_COUNTED))
