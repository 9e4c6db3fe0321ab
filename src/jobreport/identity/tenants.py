"""Tenants: made, suspended, taken up again, deleted. What is deleted is out of reach at once, and gone later."""

import re
from typing import Final

from jobreport.model import ticks
from jobreport.model.audit import ITSELF, Action, Actor, AuditEntry
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.model.job import Job, new_unique_job_id
from jobreport.model.tenants import SERVICE_NAME
from jobreport.store import Store, Transaction
from jobreport.store.registry import audit_log, tenants
from jobreport.store.registry.tenants import Standing, Tenant

MAX_NAME: Final = 63
"""Characters of a tenant's name."""
_NAME: Final = re.compile(rf"[a-z0-9]([a-z0-9._-]{{0,{MAX_NAME - 2}}}[a-z0-9])?")


class TenantError(ValueError):
    """What cannot be done to a tenant; the message says why."""


def check_name(name: str) -> None:
    """Returns where a tenant may be called `name`; TenantError otherwise."""
    if name != SERVICE_NAME and not _NAME.fullmatch(name):
        raise TenantError(
            f"a tenant's name has 1 to {MAX_NAME} lower-case letters, digits, dots, dashes or underscores, "
            "and starts and ends with a letter or digit"
        )


def create(store: Store, name: str, *, by: Actor = ITSELF) -> Tenant:
    """Makes a tenant. TenantError where there is one of that name, or none may have it."""
    check_name(name)
    with store.writing() as transaction:
        tenant, new = tenants.add(transaction, name, store.clock())
        if not new:
            raise TenantError(tenant.unusable() or f"there is a tenant {name} already")
        audit_log.append(transaction, _created(tenant, by))
    return tenant


def ensure(store: Store, name: str, *, by: Actor = ITSELF) -> Tenant:
    """The tenant of that name, which is made where it is new. TenantError where it cannot be used."""
    check_name(name)
    with store.reading() as transaction:
        tenant = tenants.find(transaction, name)
    if tenant is None:
        with store.writing() as transaction:
            tenant, made = ensured(transaction, name, store.clock(), by)
            audit_log.append(transaction, *made)
    if unusable := tenant.unusable():
        raise TenantError(unusable)
    return tenant


def ensured(transaction: Transaction, name: str, now: int, by: Actor) -> tuple[Tenant, list[AuditEntry]]:
    """The same within a transaction, and what its caller is to append to the audit log with all else that it did."""
    check_name(name)
    tenant, new = tenants.add(transaction, name, now)
    if unusable := tenant.unusable():
        raise TenantError(unusable)
    return tenant, [_created(tenant, by)] if new else []


def readable(store: Store, name: str) -> Tenant:
    """The tenant of that name, for who has the store itself; TenantError where there is none, or it is deleted."""
    with store.reading() as transaction:
        tenant = there(name, tenants.find(transaction, name))
    if tenant.standing not in (Standing.ACTIVE, Standing.SUSPENDED):
        raise TenantError(tenant.unusable())
    return tenant


def suspend(store: Store, name: str, *, by: Actor = ITSELF) -> Tenant:
    """Keeps every app of the tenant out, within seconds, until it is resumed. Nothing is deleted."""
    with store.writing() as transaction:
        tenant = _held(transaction, name, theirs=True)
        if unusable := tenant.unusable():
            raise TenantError(unusable)
        tenants.set_times(transaction, tenant.number, suspended=store.clock())
        audit_log.append(transaction, entry(store, tenant, Action.TenantSuspended, by))
    return tenant


def resume(store: Store, name: str, *, by: Actor = ITSELF) -> Tenant:
    """Takes a suspended tenant up again, or a deleted one whose history is still there."""
    with store.writing() as transaction:
        tenant = _held(transaction, name)
        if tenant.standing is Standing.ACTIVE:
            raise TenantError(f"the tenant {name} is neither suspended nor deleted")
        if tenant.standing is Standing.PURGED:
            raise TenantError(tenant.unusable())
        tenants.set_times(transaction, tenant.number, suspended=0, deleted=0, purge_after=0)
        audit_log.append(transaction, entry(store, tenant, Action.TenantResumed, by, was=tenant.standing.value))
    return tenant


def delete(store: Store, name: str, *, grace_seconds: int, by: Actor = ITSELF) -> Tenant:
    """Puts the tenant out of reach at once, as a SoftDelete job; its history stays for `grace_seconds`."""
    now = store.clock()
    with store.writing() as transaction:
        tenant = _held(transaction, name, theirs=True)
        if tenant.standing in (Standing.DELETED, Standing.PURGED):
            raise TenantError(tenant.unusable())
        after = now + grace_seconds * ticks.PER_SECOND
        tenants.set_times(transaction, tenant.number, deleted=now, purge_after=after)
        until = ticks.to_iso(after, digits=0)
        audit_log.append(transaction, entry(store, tenant, Action.TenantDeleted, by, purgeAfter=until))
    service = ensure(store, SERVICE_NAME)
    report = deletion(JobType.SoftDelete, tenant, now).evolve(
        state=JobState.Successful,
        finish=max(now, store.clock()),
        comments=f"tenant {name}: its history goes for good after {until}",
        successful=1,
        total=1,
    )
    store.record(service.number, [report])
    return Tenant(number=tenant.number, name=name, created=tenant.created, deleted=now, purge_after=after)


def deletion(kind: JobType, tenant: Tenant, now: int) -> Job:
    """The job that deleting a tenant is, in the report of the operator's own tenant: there it outlives the other."""
    words = "out of reach" if kind is JobType.SoftDelete else "its history for good"
    return Job(
        job_id=new_unique_job_id(kind, now),
        service=ServiceType.Common,
        type=kind,
        state=JobState.InProgress,
        start=now,
        description=f"Tenant {tenant.name}: {words}",
        plan="jobreport tenant",
        resource=tenant.name,
        origin="jobreport tenant",
    )


def there(name: str, found: Tenant | None) -> Tenant:
    """The tenant that was found; TenantError where none was."""
    if found is None:
        raise TenantError(f"the store has no tenant {name!r}")
    return found


def _held(transaction: Transaction, name: str, *, theirs: bool = False) -> Tenant:
    """The tenant that is to be changed; TenantError where, for what is `theirs` alone, it is the operator's own."""
    if theirs and name == SERVICE_NAME:
        raise TenantError(f"{name} is the operator's own tenant, and stays")
    return there(name, tenants.find_for_update(transaction, name))


def _created(tenant: Tenant, by: Actor) -> AuditEntry:
    return AuditEntry(
        tenant=tenant.number, at=tenant.created, actor=by, action=Action.TenantCreated, target=f"tenant:{tenant.name}"
    )


def entry(store: Store, tenant: Tenant, action: Action, by: Actor, **detail: str | int) -> AuditEntry:
    """What was done to the tenant, for its audit log."""
    return AuditEntry(
        tenant=tenant.number,
        at=store.clock(),
        actor=by,
        action=action,
        target=f"tenant:{tenant.name}",
        detail={**detail},
    )
