"""Merges two stored jobs that turned out to be the same backup."""

from typing import Any

import msgspec
from sqlalchemy import Connection, delete, insert, select, update

from jobreport.model.stored_job import StoredJob
from jobreport.store.jobs.delete import deletable, delete_jobs
from jobreport.store.schema.aliases import job_alias
from jobreport.store.schema.jobs import job as table
from jobreport.store.schema.jobs import job_version


def merge(connection: Connection, tenant: int, gone: StoredJob, into: str, now: StoredJob | None, at: int) -> None:
    """Deletes the job `gone` and gives its versions to the job with the ID `into`, in the order of time (`at`: ticks),
    and its further IDs as well.

    What `gone` had told last becomes a version too, if it had ended, unless it is what counts `now`. Each version has
    the ID under which it was told. The caller must hold the tenant's lock.
    """
    job_id = gone.job.job_id
    of_both = (job_version.c.tenant == tenant, job_version.c.job_id.in_([job_id, into]))
    rows = connection.execute(select(job_version).where(*of_both).order_by(job_version.c.version)).mappings()
    versions: list[dict[str, Any]] = sorted(map(dict, rows), key=lambda one: one["replaced"])
    told = gone.job.evolve(job_id=into, reference=now.job.reference) if now else gone.job
    if gone.job.state.finished and not (now and told.same_but_for_time(now.job)):
        raw = msgspec.msgpack.encode(gone.job)
        versions.append({"tenant": tenant, "replaced": at, "presumed": gone.presumed, "job": raw})
    connection.execute(delete(job_version).where(*of_both))
    connection.execute(
        update(job_alias).where(job_alias.c.tenant == tenant, job_alias.c.job_id == job_id).values(job_id=into)
    )
    mine = deletable().where(table.c.tenant == tenant, table.c.job_id == job_id)
    delete_jobs(connection, tenant, connection.execute(mine).all())
    if versions:
        numbered = [{**one, "job_id": into, "version": number} for number, one in enumerate(versions, 1)]
        connection.execute(insert(job_version), numbered)
