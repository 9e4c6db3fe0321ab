"""Reads the series of one job: how it stands, what is usual, and which jobs come before and after this one.

A neighbour is looked up in the index of the jobs by subject. Nearly every series has one subject. If it has many, the
nearest job of each is looked up by one statement, and the nearest of all is read.
"""

from functools import lru_cache
from typing import Any, Final

from sqlalchemy import BigInteger, Connection, Integer, Text, and_, bindparam, literal_column, or_, select
from sqlalchemy.sql.elements import ColumnElement

from jobreport.model.catalog import JobState
from jobreport.model.series import NONE, series_of
from jobreport.model.series_query import JobSeries, NeighbourJob
from jobreport.model.stored_job import StoredJob
from jobreport.model.usual import Usual
from jobreport.store.db.expressions import walk
from jobreport.store.db.prepared import Prepared
from jobreport.store.derived.digests import digest
from jobreport.store.query.series import listing, runs
from jobreport.store.schema.jobs import job as table
from jobreport.store.schema.jobs import subject as subjects

_INDEX: Final = "job_subject"
_ONE: Final = literal_column("1", Integer)
_FILED: Final = bindparam("filed", type_=BigInteger())
_ID: Final = bindparam("job_id", type_=Text())
_SERIES: Final = Prepared(
    select(subjects.c.series)
    .join(table, (table.c.tenant == subjects.c.tenant) & (table.c.subject == subjects.c.subject))
    .where(table.c.tenant == bindparam("tenant"), subjects.c.tenant == bindparam("tenant"), table.c.job_id == _ID)
)


def find(connection: Connection, tenant: int, stored: StoredJob) -> JobSeries | None:
    """Returns the series of a stored job; None if the job has neither plan nor resource, so belongs to none."""
    key = series_of(stored.job)
    mine = listing.find_one(connection, tenant, digest(key)) if key else None
    if mine is None:
        return None
    values = {"tenant": tenant, "series": mine.number, "filed": stored.filed, "job_id": stored.job.job_id}
    return JobSeries(
        mine,
        runs.usual_of(connection, tenant, mine.number),
        _neighbour(connection, values, later=False),
        _neighbour(connection, values, later=True),
    )


def usual_of_job(connection: Connection, tenant: int, job_id: str) -> Usual | None:
    """Returns what is usual of the series of a job; None if the job has no series, or the series has no good run."""
    rows = _SERIES.rows(connection, {"tenant": tenant, "job_id": job_id})
    return runs.usual_of(connection, tenant, rows[0][0]) if rows and rows[0][0] != NONE else None


def _neighbour(connection: Connection, values: dict[str, Any], *, later: bool) -> NeighbourJob | None:
    """Returns the job that is next to the one with this filed time and ID."""
    rows = nearest_by_subject(later).rows(connection, values)
    nearest = [(filed, subject) for subject, filed in rows if filed is not None]
    if not nearest:
        return None
    time, _ = min(nearest) if later else max(nearest)
    jobs: list[tuple[str, int]] = []
    for filed, subject in nearest:
        if filed == time:
            jobs += nearest_at(later).rows(connection, {**values, "subject": subject, "at": time})
    job_id, state = min(jobs) if later else max(jobs)
    return NeighbourJob(job_id, JobState(state), time)


def _is_beyond(later: bool) -> ColumnElement[bool]:
    """Returns the condition that a job comes after the given one, or before it. Only a tie needs the ID."""
    if later:
        return and_(table.c.filed >= _FILED, or_(table.c.filed > _FILED, table.c.job_id > _ID))
    return and_(table.c.filed <= _FILED, or_(table.c.filed < _FILED, table.c.job_id < _ID))


@lru_cache(maxsize=2)
def nearest_by_subject(later: bool) -> Prepared:
    """Returns the statement for the filed time of the nearest job of each subject of the series; NULL: it has none."""
    about = table.c.tenant == subjects.c.tenant, table.c.subject == subjects.c.subject
    mine = walk(select(table.c.filed), table, _INDEX).where(*about, _is_beyond(later)).correlate(subjects)
    order = table.c.filed if later else table.c.filed.desc()
    of_it = subjects.c.tenant == bindparam("tenant"), subjects.c.series == bindparam("series")
    return Prepared(select(subjects.c.subject, mine.order_by(order).limit(_ONE).scalar_subquery()).where(*of_it))


@lru_cache(maxsize=2)
def nearest_at(later: bool) -> Prepared:
    """Returns the statement for the ID and the state of the nearest job of a subject that is filed at this time."""
    at = bindparam("at", type_=BigInteger())
    of_it = table.c.tenant == bindparam("tenant"), table.c.subject == bindparam("subject"), table.c.filed == at
    # The moment is only compared by `=`: SQLite would look up a range instead, and read all jobs in it.
    beyond = or_(at != _FILED, table.c.job_id > _ID if later else table.c.job_id < _ID)
    mine = walk(select(table.c.job_id, table.c.state), table, _INDEX).where(*of_it, beyond)
    return Prepared(mine.order_by(table.c.job_id if later else table.c.job_id.desc()).limit(_ONE))
