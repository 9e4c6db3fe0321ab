"""A deleted tenant in; its history gone for good, as a HardDelete job in the report of the operator's own, out."""

import time
from collections.abc import Generator
from typing import Any, Final

from jobreport.identity.tenants import TenantError, deletion, ensure, entry, there
from jobreport.model import ticks
from jobreport.model.audit import ITSELF, Action, Actor
from jobreport.model.catalog import JobState, JobType
from jobreport.model.tenants import SERVICE_NAME
from jobreport.store import Store
from jobreport.store.admin import leases
from jobreport.store.admin.purge import delete_all_jobs, finish, jobs_of
from jobreport.store.registry import tenants
from jobreport.store.registry.tenants import Standing, Tenant

SETTLE_SECONDS: Final = 5
"""How long after its deletion a tenant may still be reported to, by who heard of it less than that ago."""
_BEAT: Final = 60
"""Seconds between two signs of life of the job that it is."""


def due(store: Store, name: str | None = None, *, at_once: bool = False) -> list[tuple[Tenant, int]]:
    """The deleted tenants whose grace is over, and how many jobs each still has; only the one called `name`, if any.

    TenantError where that one is not deleted, or its grace not over; `at_once` does not mind the grace.
    """
    now = store.clock()
    with store.reading() as transaction:
        every = tenants.list_tenants(transaction) if name is None else (there(name, tenants.find(transaction, name)),)
    found = [one for one in every if one.unfinished or (one.standing is Standing.DELETED and _over(one, now, at_once))]
    if name is not None and not found:
        (one,) = every
        if one.standing is not Standing.DELETED:
            raise TenantError(one.unusable() if one.purged else f"the tenant {name} is not deleted")
        until = ticks.to_iso(ends(one), digits=0)
        raise TenantError(f"the tenant {name} can be resumed until {until}: --now does not wait for that")
    return [(one, jobs_of(store, one.number)) for one in found]


def ends(tenant: Tenant) -> int:
    """When the grace of a deleted tenant is over, in ticks."""
    return max(tenant.purge_after, tenant.deleted + SETTLE_SECONDS * ticks.PER_SECOND)


def settling(store: Store, tenant: Tenant) -> float:
    """Seconds for which the tenant may still be reported to."""
    return max(0.0, (tenant.deleted - store.clock()) / ticks.PER_SECOND + SETTLE_SECONDS)


def _over(tenant: Tenant, now: int, at_once: bool) -> bool:
    return at_once or ends(tenant) <= now


def purge(store: Store, tenant: Tenant, *, by: Actor = ITSELF) -> Generator[int, None, None]:
    """Deletes all that the tenant has; yields how many jobs after each transaction. From its begin nobody resumes it.

    What is stopped is gone on with by the next. TenantError where another process is at it.
    """
    turn = f"purge {tenant.number}"
    if not leases.acquire(store, turn, _BEAT):
        raise TenantError(f"the history of the tenant {tenant.name} is just being deleted by another process")
    try:
        _begin(store, tenant)
        yield from _as_job(store, tenant, turn, by)
    finally:
        leases.release(store, turn)


def _begin(store: Store, tenant: Tenant) -> None:
    """Marks that there is no way back; TenantError where it was taken up again meanwhile."""
    with store.writing() as transaction:
        found = there(tenant.name, tenants.find_for_update(transaction, tenant.name))
        if found.number != tenant.number or not (found.unfinished or found.standing is Standing.DELETED):
            raise TenantError(f"the tenant {tenant.name} is not deleted any more")
        if not found.purged:
            tenants.set_times(transaction, tenant.number, purged=store.clock())


def _as_job(store: Store, tenant: Tenant, turn: str, by: Actor) -> Generator[int, None, None]:
    service = ensure(store, SERVICE_NAME).number
    report = deletion(JobType.HardDelete, tenant, store.clock()).evolve(heartbeat=_BEAT)
    gone = 0

    def say(**changes: Any) -> None:
        now = store.clock()
        ended = {"finish": now, "heartbeat": 0} if "state" in changes else {}
        store.record(service, [report.evolve(successful=gone, total=gone, observed=now, **ended, **changes)])

    say()
    said = time.monotonic()
    try:
        for jobs in delete_all_jobs(store, tenant.number):
            gone += jobs
            if time.monotonic() - said > _BEAT / 3:
                leases.extend(store, turn, _BEAT)
                say()
                said = time.monotonic()
            yield jobs
        with store.writing() as transaction:
            finish(transaction, tenant, entry(store, tenant, Action.TenantPurged, by, jobs=gone))
    except (GeneratorExit, KeyboardInterrupt):
        say(state=JobState.Stopped, comments="stopped; the next begin goes on")
        raise
    except Exception as error:
        say(state=JobState.Exception if gone else JobState.Failed, comments=f"ended early: {type(error).__name__}")
        raise
    whose = f"tenant {tenant.name}: its history is gone for good"
    say(state=JobState.Successful if gone else JobState.Skipped, comments=whose if gone else f"{whose}; it had no jobs")
