"""What is stored of jobs and what is to be stored in; rows, earlier versions and counts brought to it, together."""

from collections.abc import Sequence

import msgspec
from sqlalchemy import BindParameter, Connection, bindparam, func, insert, select, update

from jobreport.model.verdict import StoredJob
from jobreport.store import counts
from jobreport.store.rows import values
from jobreport.store.schema import job as table
from jobreport.store.schema import job_version

Replacement = tuple[StoredJob | None, StoredJob]
"""What was stored of a job, None for a new one; and what is to be stored now."""


def write(connection: Connection, tenant: int, replacements: Sequence[Replacement], now: int) -> None:
    """Stores each job, keeps each finished version that a correction replaces, and counts the difference."""
    created = [values(tenant, new) for old, new in replacements if old is None]
    replaced = [(old, new) for old, new in replacements if old is not None]
    if created:
        connection.execute(insert(table), created)
    if replaced:
        for old, new in replaced:
            if old.job.state.finished and not old.job.same_but_for_time(new.job):
                _keep_version(connection, tenant, old, now)
        _overwrite(connection, [values(tenant, new) for _, new in replaced])
    counts.apply(connection, tenant, replacements)


def _overwrite(connection: Connection, rows: Sequence[dict[str, object]]) -> None:
    """Overwrites whole rows that exist."""
    keys = ("tenant", "job_id")
    assignments: dict[str, BindParameter[object]] = {
        name: bindparam(f"new_{name}") for name in rows[0] if name not in keys
    }
    statement = update(table).where(
        table.c.tenant == bindparam("key_tenant"), table.c.job_id == bindparam("key_job_id")
    )
    connection.execute(
        statement.values(assignments),
        [{f"key_{name}" if name in keys else f"new_{name}": value for name, value in row.items()} for row in rows],
    )


def _keep_version(connection: Connection, tenant: int, old: StoredJob, now: int) -> None:
    job_id = old.job.job_id
    last = select(func.coalesce(func.max(job_version.c.version), 0)).where(
        job_version.c.tenant == tenant, job_version.c.job_id == job_id
    )
    version: int = connection.execute(last).scalar_one() + 1
    connection.execute(
        insert(job_version).values(
            tenant=tenant,
            job_id=job_id,
            version=version,
            replaced=now,
            presumed=old.presumed,
            job=msgspec.msgpack.encode(old.job),
        )
    )
