"""Purges deleted tenants: deletes all their jobs for good when the grace period is over.

The purge is itself reported, as a HardDelete job of the operator's own tenant. It runs in small transactions, and the
next purge continues one that was interrupted.
"""

import time
from collections.abc import Generator
from typing import Any, Final

from jobreport.identity.tenants import TenantError, audit_entry, deletion_job, ensure, require
from jobreport.model import ticks
from jobreport.model.audit import ITSELF, Action, Actor
from jobreport.model.catalog import JobState, JobType
from jobreport.model.tenants import SERVICE_NAME
from jobreport.store import Store
from jobreport.store.admin import leases
from jobreport.store.admin.purge import delete_all_jobs, finish, jobs_of
from jobreport.store.registry import tenants
from jobreport.store.registry.tenants import Tenant, TenantStatus

SETTLE_SECONDS: Final = 5
"""The seconds after its deletion in which a tenant may still get jobs, since a server may have it cached as active."""
_BEAT: Final = 60
"""Seconds between two heartbeats of the HardDelete job."""


def due(store: Store, name: str | None = None, *, at_once: bool = False) -> list[tuple[Tenant, int]]:
    """Returns the deleted tenants whose grace period is over, each with the number of its jobs.

    With `name` it returns only that tenant; it raises TenantError if the tenant is not deleted, or its grace period is
    not over. `at_once` ignores the grace period.
    """
    now = store.clock()
    with store.reading() as transaction:
        every = tenants.list_tenants(transaction) if name is None else (require(name, tenants.find(transaction, name)),)
    due_tenants = [
        one for one in every if one.unfinished or (one.status is TenantStatus.DELETED and _over(one, now, at_once))
    ]
    if name is not None and not due_tenants:
        (one,) = every
        if one.status is not TenantStatus.DELETED:
            raise TenantError(one.unusable() if one.purged else f"the tenant {name} is not deleted")
        until = ticks.to_iso(ends(one), digits=0)
        raise TenantError(f"the tenant {name} can be resumed until {until}: --now does not wait for that")
    return [(one, jobs_of(store, one.number)) for one in due_tenants]


def ends(tenant: Tenant) -> int:
    """Returns the time when the grace period of a deleted tenant is over, in ticks."""
    return max(tenant.purge_after, tenant.deleted + SETTLE_SECONDS * ticks.PER_SECOND)


def settling(store: Store, tenant: Tenant) -> float:
    """Returns the number of seconds for which the deleted tenant may still get jobs (see `SETTLE_SECONDS`)."""
    return max(0.0, (tenant.deleted - store.clock()) / ticks.PER_SECOND + SETTLE_SECONDS)


def _over(tenant: Tenant, now: int, at_once: bool) -> bool:
    return at_once or ends(tenant) <= now


def purge(store: Store, tenant: Tenant, *, by: Actor = ITSELF) -> Generator[int, None, None]:
    """Deletes everything of the tenant except its audit log. After each transaction it yields the number of jobs.

    As soon as it has begun, the tenant cannot be resumed any more. Raises TenantError if another process is purging the
    tenant, or if somebody resumed it.
    """
    lease = f"purge {tenant.number}"
    if not leases.acquire(store, lease, _BEAT):
        raise TenantError(f"the history of the tenant {tenant.name} is just being deleted by another process")
    try:
        _begin(store, tenant)
        yield from _as_job(store, tenant, lease, by)
    finally:
        leases.release(store, lease)


def _begin(store: Store, tenant: Tenant) -> None:
    """Marks the tenant as purged. Raises TenantError if it was resumed meanwhile."""
    with store.writing() as transaction:
        current = require(tenant.name, tenants.find_for_update(transaction, tenant.name))
        if current.number != tenant.number or not (current.unfinished or current.status is TenantStatus.DELETED):
            raise TenantError(f"the tenant {tenant.name} is not deleted any more")
        if not current.purged:
            tenants.set_times(transaction, tenant.number, purged=store.clock())


def _as_job(store: Store, tenant: Tenant, lease: str, by: Actor) -> Generator[int, None, None]:
    service = ensure(store, SERVICE_NAME).number
    report = deletion_job(JobType.HardDelete, tenant, store.clock()).evolve(heartbeat=_BEAT)
    gone = 0

    def update(**changes: Any) -> None:
        now = store.clock()
        ended = {"finish": now, "heartbeat": 0} if "state" in changes else {}
        store.record(service, [report.evolve(successful=gone, total=gone, observed=now, **ended, **changes)])

    update()
    said = time.monotonic()
    try:
        for jobs in delete_all_jobs(store, tenant.number):
            gone += jobs
            if time.monotonic() - said > _BEAT / 3:
                leases.extend(store, lease, _BEAT)
                update()
                said = time.monotonic()
            yield jobs
        with store.writing() as transaction:
            finish(transaction, tenant, audit_entry(store, tenant, Action.TenantPurged, by, jobs=gone))
    except (GeneratorExit, KeyboardInterrupt):
        update(state=JobState.Stopped, comments="stopped; the next begin goes on")
        raise
    except Exception as error:
        update(state=JobState.Exception if gone else JobState.Failed, comments=f"ended early: {type(error).__name__}")
        raise
    whose = f"tenant {tenant.name}: its history is gone for good"
    update(
        state=JobState.Successful if gone else JobState.Skipped, comments=whose if gone else f"{whose}; it had no jobs"
    )
