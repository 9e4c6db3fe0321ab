"""Reads what happened to series in a range of time: how their jobs ended, and which jobs were not good and why."""

from collections.abc import Collection, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from sqlalchemy import BigInteger, Connection, Integer, bindparam, func, literal_column, select

from jobreport.model.catalog import JobState
from jobreport.store.db import dialect_of
from jobreport.store.db.expressions import any_of, walk
from jobreport.store.db.prepared import Prepared
from jobreport.store.schema.jobs import cause as causes
from jobreport.store.schema.jobs import job, series
from jobreport.store.schema.jobs import subject as subjects
from jobreport.store.schema.rows import ABOUT, BECAUSE

_SINCE: Final = bindparam("since", type_=BigInteger())
_UNTIL: Final = bindparam("until", type_=BigInteger())
_ENDED: Final = Prepared(
    walk(select(subjects.c.series, job.c.finish, job.c.state), job, "job_subject")
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


@lru_cache(maxsize=4)
def _bad(states: tuple[JobState, ...]) -> Prepared:
    """Returns the statement for the jobs in these states, by series and cause."""
    return Prepared(
        walk(
            select(
                subjects.c.series,
                func.coalesce(series.c.not_good, literal_column("0", BigInteger)),
                causes.c.code,
                causes.c.text,
                func.count(),
                func.min(job.c.filed),
            ),
            job,
            "job_ended",
        )
        .join_from(job, subjects, ABOUT)
        .outerjoin(series, (series.c.tenant == subjects.c.tenant) & (series.c.series == subjects.c.series))
        .outerjoin(causes, BECAUSE)
        .where(
            job.c.tenant == bindparam("tenant"),
            job.c.finish >= _SINCE,
            job.c.finish <= _UNTIL,
            # The condition of the index stands last: SQLite begins to read at the first lower bound.
            job.c.finish > literal_column("0", BigInteger),
            job.c.state.in_([literal_column(str(int(state)), Integer) for state in states]),
        )
        .group_by(subjects.c.series, series.c.not_good, causes.c.code, causes.c.text)
    )


class Ended(NamedTuple):
    """A job of a series that ended: when (ticks), and the code of its state."""

    series: int
    finish: int
    state: int


class Bad(NamedTuple):
    """The jobs of one series (0: of none) that were not good for one cause.

    `not_good` is how many of its jobs are not good now: 0 if it is good again. `since` is when the first of the `jobs`
    was filed, in ticks. Code and text of the cause are empty if there is none.
    """

    series: int
    not_good: int
    code: str
    text: str
    jobs: int
    since: int


def ended(
    connection: Connection, tenant: int, numbers: Collection[int], since: int, until: int, *, longest: int
) -> list[Ended]:
    """Returns the jobs of these series that ended from `since` to `until` (ticks), if they took at most `longest`."""
    if not numbers:
        return []
    ids = dialect_of(connection).array([*numbers])
    values = {"tenant": tenant, "ids": ids, "since": since, "until": until, "started": since - longest}
    return [Ended(*row) for row in _ENDED.rows(connection, values)]


def not_good(connection: Connection, tenant: int, since: int, until: int, states: tuple[JobState, ...]) -> list[Bad]:
    """Returns the jobs that ended from `since` to `until` (ticks) and were not good, by series and cause. `states` are
    those that are not good.
    """
    rows = _bad(states).rows(connection, {"tenant": tenant, "since": since, "until": until})
    return [Bad(number, bad, code or "", text or "", jobs, first) for number, bad, code, text, jobs, first in rows]


def series_of(connection: Connection, tenant: int, job_ids: Sequence[str]) -> list[int]:
    """Returns the numbers of the series of these jobs, in their order; 0 for a job that belongs to none."""
    if not job_ids:
        return []
    found = dict(_SERIES.rows(connection, {"tenant": tenant, "ids": dialect_of(connection).array([*job_ids])}))
    return [int(found.get(job_id, 0)) for job_id in job_ids]
