"""Rows of the job table in, stored jobs out; and back."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Row

from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.model.job import Job
from jobreport.model.verdict import StoredJob
from jobreport.store.schema import job as table

# `raw` may be 64 KiB a job and is shown with a single job only, so lists leave it in the database.
LISTED: Final = tuple(table.c[name] for name in Job.__struct_fields__ if name != "raw")
WHOLE: Final = (*LISTED, table.c.raw, table.c.received, table.c.heard, table.c.presumed, table.c.app)


def listed(rows: Sequence[Row[Any]]) -> tuple[Job, ...]:
    """Jobs, without `raw`, of rows that hold the columns `LISTED`."""
    return tuple(
        Job(
            job_id=row.job_id,
            service=ServiceType(row.service),
            type=JobType(row.type),
            state=JobState(row.state),
            start=row.start,
            finish=row.finish,
            failed=row.failed,
            successful=row.successful,
            skipped=row.skipped,
            total=row.total,
            comments=row.comments,
            description=row.description,
            plan=row.plan,
            resource=row.resource,
            size=row.size,
            origin=row.origin,
            observed=row.observed,
            heartbeat=row.heartbeat,
        )
        for row in rows
    )


def stored(row: Row[Any]) -> StoredJob:
    """The job and what is known about it, of a row that holds the columns `WHOLE`."""
    (job,) = listed([row])
    return StoredJob(
        job=job.evolve(raw=row.raw), received=row.received, heard=row.heard, presumed=row.presumed, app=row.app
    )


def values(tenant: int, stored: StoredJob) -> dict[str, object]:
    """The whole row of a stored job."""
    job = stored.job
    row: dict[str, object] = {name: getattr(job, name) for name in Job.__struct_fields__}
    return row | {
        "tenant": tenant,
        "service": int(job.service),
        "type": int(job.type),
        "state": int(job.state),
        "filed": stored.filed,
        "received": stored.received,
        "heard": stored.heard,
        "deadline": stored.deadline,
        "presumed": stored.presumed,
        "app": stored.app,
        "folded": job.folded(),
    }
