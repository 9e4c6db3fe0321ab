"""Deletes jobs, with their earlier versions and everything that is derived from them."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import BindParameter, Connection, Select, and_, bindparam, delete, func, select

from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.model.job import Job
from jobreport.model.series import NONE
from jobreport.model.stored_job import StoredJob
from jobreport.store.db import dialect_of
from jobreport.store.derived import days, series, trigrams
from jobreport.store.schema.aliases import job_alias
from jobreport.store.schema.jobs import job, job_version, numbered_job, subject
from jobreport.store.schema.repeated import whole

_ADDED: Final = ("failed", "successful", "skipped", "total", "size")
_IDS: Final[BindParameter[str]] = bindparam("ids", expanding=True)
_TEXTS: Final = select(numbered_job.c.id, numbered_job.c.job_id, numbered_job.c.reference)


def deletable() -> Select[Any]:
    """Returns a SELECT of what `delete_jobs` needs to know of each job."""
    columns = map(whole, ("job_id", "service", "type", "state", "filed", "heard", "finish", *_ADDED))
    about = and_(subject.c.tenant == job.c.tenant, subject.c.subject == job.c.subject)
    # If a subject is missing (`jobreport check` finds that), its jobs are of no series.
    return select(*columns, func.coalesce(subject.c.series, NONE).label("series")).join_from(
        job, subject, about, isouter=True
    )


def delete_jobs(connection: Connection, tenant: int, rows: Sequence[Any]) -> None:
    """Deletes jobs with their versions, and changes all that is derived from them. `rows` are those of `deletable`."""
    ids = [row.job_id for row in rows]
    if dialect_of(connection).has_row_numbers:
        of_ids = (numbered_job.c.tenant == tenant, numbered_job.c.job_id.in_(_IDS))
        trigrams.remove(connection, [tuple(row) for row in connection.execute(_TEXTS.where(*of_ids), {"ids": ids})])
    for table in (job_version, job_alias, job):
        gone = delete(table).where(table.c.tenant == tenant, table.c.job_id.in_(_IDS))
        connection.execute(gone, {"ids": ids})
    gone_jobs = [_counted(row) for row in rows]
    days.apply(connection, tenant, [(one, None) for one in gone_jobs])
    series.apply(connection, tenant, [(row.series, one, None) for row, one in zip(rows, gone_jobs, strict=True)])


def _counted(row: Any) -> StoredJob:
    """Returns a stored job that has only the fields from which something is derived."""
    counted = Job(
        job_id=row.job_id,
        service=ServiceType(row.service),
        type=JobType(row.type),
        state=JobState(row.state),
        finish=row.finish,
        **{name: getattr(row, name) for name in _ADDED},
    )
    return StoredJob(job=counted, received=row.filed, heard=row.heard)
