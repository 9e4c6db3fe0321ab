"""Reads how the jobs of some series ended in a range of time, and to which series jobs belong."""

from collections.abc import Collection, Sequence
from typing import Final, NamedTuple

from sqlalchemy import BigInteger, Connection, Integer, Text, and_, bindparam, case, func, literal_column, select

from jobreport.model.catalog import JobState
from jobreport.store.db import dialect_of
from jobreport.store.db.expressions import any_of, walk
from jobreport.store.db.prepared import Prepared
from jobreport.store.query.codes import constant
from jobreport.store.schema.jobs import job
from jobreport.store.schema.jobs import subject as subjects
from jobreport.store.schema.rows import ABOUT

_SINCE: Final = bindparam("since", type_=BigInteger())
_UNTIL: Final = bindparam("until", type_=BigInteger())
# What was written for a run that did not start is shown as such, and not as one that failed.
_STATE: Final = case(
    (
        and_(
            job.c.state == constant(JobState.Failed),
            job.c.job_id.between(literal_column("'MR0'", Text), literal_column("'MR:'", Text)),
        ),
        constant(JobState.NotStarted),
    ),
    else_=job.c.state,
)
_ENDED: Final = Prepared(
    walk(select(subjects.c.series, job.c.finish, _STATE), job, "job_subject")
    .select_from(subjects)
    .join(job, (job.c.tenant == subjects.c.tenant) & (job.c.subject == subjects.c.subject))
    .where(
        subjects.c.tenant == bindparam("tenant"),
        any_of(subjects.c.series),
        job.c.filed >= bindparam("started", type_=BigInteger()),
        job.c.finish >= _SINCE,
        job.c.finish <= _UNTIL,
    )
)
_SERIES: Final = Prepared(
    walk(select(job.c.job_id, func.coalesce(subjects.c.series, literal_column("0", Integer))), job, "job_key")
    # An outer join, so that the jobs are looked up first.
    .join_from(job, subjects, ABOUT, isouter=True)
    .where(job.c.tenant == bindparam("tenant"), any_of(job.c.job_id))
)


class Ended(NamedTuple):
    """A job of a series that ended: when (ticks), and the code of its state; or a run that did not start, which has the
    state NotStarted and its due time.
    """

    series: int
    finish: int
    state: int


def ended(
    connection: Connection, tenant: int, numbers: Collection[int], since: int, until: int, *, longest: int
) -> list[Ended]:
    """Returns the jobs of these series that ended from `since` to `until` (ticks), if they took at most `longest`."""
    if not numbers:
        return []
    ids = dialect_of(connection).array([*numbers])
    values = {"tenant": tenant, "ids": ids, "since": since, "until": until, "started": since - longest}
    return [Ended(*row) for row in _ENDED.rows(connection, values)]


def series_of(connection: Connection, tenant: int, job_ids: Sequence[str]) -> list[int]:
    """Returns the numbers of the series of these jobs, in their order; 0 for a job that belongs to none."""
    if not job_ids:
        return []
    found = dict(_SERIES.rows(connection, {"tenant": tenant, "ids": dialect_of(connection).array([*job_ids])}))
    return [int(found.get(job_id, 0)) for job_id in job_ids]
