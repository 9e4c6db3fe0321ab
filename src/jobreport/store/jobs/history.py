"""Reads one job with everything that is stored about it: as it is now, and as it was before each correction."""

from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection, Row, select

from jobreport.model.job import Job
from jobreport.model.series_query import JobSeries
from jobreport.model.stored_job import StoredJob
from jobreport.store.schema.aliases import job_alias as aliases
from jobreport.store.schema.jobs import job as table
from jobreport.store.schema.jobs import job_version
from jobreport.store.schema.rows import storable, stored, whole_jobs


class Version(NamedTuple):
    """A finished job as it was until `replaced` (ticks). `presumed`: its failure was not reported, but presumed."""

    job: Job
    replaced: int
    presumed: bool


class History(msgspec.Struct, frozen=True, kw_only=True):
    """A job as it is now, its earlier finished versions, newest first, and its series; None if it belongs to none."""

    current: StoredJob
    versions: tuple[Version, ...]
    series: JobSeries | None = None


def history(connection: Connection, tenant: int, job_id: str) -> History | None:
    """Returns the job and its versions, without its series; None if `tenant` has no such job.

    The ID may also be another one under which the job is told of, by its reference.
    """
    if not storable(job_id):
        return None
    row = _row(connection, tenant, job_id)
    if row is None:
        meant = select(aliases.c.job_id).where(aliases.c.tenant == tenant, aliases.c.alias == job_id)
        job_id = connection.execute(meant).scalar() or ""
        row = _row(connection, tenant, job_id) if job_id else None
    if row is None:
        return None
    versions = connection.execute(
        select(job_version.c.job, job_version.c.replaced, job_version.c.presumed)
        .where(job_version.c.tenant == tenant, job_version.c.job_id == job_id)
        .order_by(job_version.c.version.desc())
    )
    return History(
        current=stored(row),
        versions=tuple(
            Version(
                job=msgspec.msgpack.decode(version.job, type=Job),
                replaced=version.replaced,
                presumed=version.presumed,
            )
            for version in versions
        ),
    )


def _row(connection: Connection, tenant: int, job_id: str) -> Row[Any] | None:
    return connection.execute(whole_jobs().where(table.c.tenant == tenant, table.c.job_id == job_id)).first()
