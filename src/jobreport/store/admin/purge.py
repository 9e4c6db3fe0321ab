"""Purges a deleted tenant: its jobs and apps are deleted for good, in small transactions. Its audit log stays."""

from collections.abc import Iterator
from typing import Final

from sqlalchemy import delete, func, select

from jobreport.model.audit import AuditEntry
from jobreport.store import Store, Transaction
from jobreport.store.admin import prune
from jobreport.store.db import locks
from jobreport.store.derived import series_texts
from jobreport.store.jobs.delete import deletable, delete_jobs
from jobreport.store.registry import audit_log, connectors, inboxes, operators, tenants, walls
from jobreport.store.registry.tenants import Tenant
from jobreport.store.schema.aliases import job_alias
from jobreport.store.schema.jobs import (
    cause,
    job,
    job_count,
    job_sum,
    job_version,
    series,
    series_count,
    subject,
)
from jobreport.store.schema.operators import series_mark
from jobreport.store.schema.registry import app, app_certificate, app_secret, assertion
from jobreport.store.schema.watch import missed_run, series_verdict
from jobreport.store.watch import digests, incidents, undelivered

_OF_JOBS: Final = (
    *(job_version, job_alias, job_count, job_sum, series, series_count, series_mark, series_verdict, missed_run),
    *(subject, cause),
)
"""The tables of a tenant without jobs of which rows may be left."""


def jobs_of(store: Store, tenant: int) -> int:
    """Returns the number of the tenant's jobs."""
    with store.reading() as connection:
        return int(connection.execute(select(func.count()).select_from(job).where(job.c.tenant == tenant)).scalar_one())


def delete_all_jobs(store: Store, tenant: int) -> Iterator[int]:
    """Deletes every job of the tenant, and everything that is stored about it.

    After each transaction it yields the number of jobs that were deleted.
    """
    some = deletable().where(job.c.tenant == tenant).order_by(job.c.filed, job.c.job_id).limit(prune.BATCH)
    while True:
        with store.writing() as connection:
            locks.lock(connection, tenant)
            if rows := connection.execute(some).all():
                delete_jobs(connection, tenant, rows)
            else:
                series_texts.remove(connection, tenant, series_texts.numbers(connection, tenant))
                for table in _OF_JOBS:
                    connection.execute(delete(table).where(table.c.tenant == tenant))
        if not rows:
            return
        yield len(rows)


def finish(connection: Transaction, tenant: Tenant, entry: AuditEntry) -> None:
    """Deletes the tenant's app registrations, walls and inboxes, takes it from the operators who could see it, frees
    its name, and appends `entry` to the audit log.

    The reach of providers' apps still contains the tenant's number. If the reach of such an app became empty, it would
    turn into an ordinary app, which may ask for its own tenant.
    """
    locks.lock(connection, locks.REGISTRY)
    mine = select(app.c.client_id).where(app.c.tenant == tenant.number)
    for table in (app_secret, app_certificate, assertion):
        connection.execute(delete(table).where(table.c.client_id.in_(mine)))
    connection.execute(delete(app).where(app.c.tenant == tenant.number))
    operators.forget_tenant(connection, tenant.number)
    walls.end_all(connection, tenant.number)
    inboxes.end_all(connection, tenant.number)
    connectors.end_all(connection, tenant.number)
    undelivered.end_all(connection, tenant.number)
    digests.end_all(connection, tenant.number)
    incidents.end_all(connection, tenant.number)
    tenants.set_expectations(connection, tenant.number, ())
    tenants.free_name(connection, tenant)
    audit_log.append(connection, entry)
