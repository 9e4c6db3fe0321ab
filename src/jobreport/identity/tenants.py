"""Creates, suspends, resumes and deletes tenants.

A tenant is deleted in two steps. At once, nobody can access it any more; but its jobs are deleted for good only when
the grace period is over (`purge`). Until then it can be resumed.
"""

from jobreport.model import ticks
from jobreport.model.audit import ITSELF, Action, Actor, AuditEntry
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.model.job import Job, new_unique_job_id
from jobreport.model.tenants import SERVICE_NAME, wrong_name
from jobreport.store import Store, Transaction
from jobreport.store.registry import audit_log, tenants
from jobreport.store.registry.tenants import Tenant, TenantStatus
from jobreport.store.watch import undelivered, verdicts


class TenantError(ValueError):
    """Raised if a tenant does not exist, or if this cannot be done to it. The message says why."""


def check_name(name: str) -> None:
    """Raises TenantError if no tenant may have this name."""
    if wrong := wrong_name(name):
        raise TenantError(wrong)


def create(store: Store, name: str, *, by: Actor = ITSELF) -> Tenant:
    """Creates a tenant. Raises TenantError if the name is not allowed, or another tenant has it."""
    check_name(name)
    with store.writing() as transaction:
        tenant, new = tenants.add(transaction, name, store.clock())
        if not new:
            raise TenantError(tenant.unusable() or f"there is a tenant {name} already")
        audit_log.append(transaction, _created(tenant, by))
    return tenant


def ensure(store: Store, name: str, *, by: Actor = ITSELF) -> Tenant:
    """Returns the tenant with this name; creates it if there is none.

    Raises TenantError if the tenant is suspended or deleted, or if the name is not allowed.
    """
    check_name(name)
    with store.reading() as transaction:
        tenant = tenants.find(transaction, name)
    if tenant is None:
        with store.writing() as transaction:
            tenant, made = ensure_within(transaction, name, store.clock(), by)
            audit_log.append(transaction, *made)
    if unusable := tenant.unusable():
        raise TenantError(unusable)
    return tenant


def ensure_within(transaction: Transaction, name: str, now: int, by: Actor) -> tuple[Tenant, list[AuditEntry]]:
    """Does what `ensure` does, within the caller's transaction.

    It also returns the entries that the caller must append to the audit log.
    """
    check_name(name)
    tenant, new = tenants.add(transaction, name, now)
    if unusable := tenant.unusable():
        raise TenantError(unusable)
    return tenant, [_created(tenant, by)] if new else []


def readable(store: Store, name: str) -> Tenant:
    """Returns the tenant with this name for the operator, who may also read the jobs of a suspended tenant.

    Raises TenantError if there is no such tenant, or it was deleted.
    """
    with store.reading() as transaction:
        tenant = require(name, tenants.find(transaction, name))
    if tenant.status not in (TenantStatus.ACTIVE, TenantStatus.SUSPENDED):
        raise TenantError(tenant.unusable())
    return tenant


def suspend(store: Store, name: str, *, by: Actor = ITSELF) -> Tenant:
    """Suspends a tenant: within seconds, all its apps are refused until it is resumed, and messages about it wait.
    Nothing is deleted.

    Raises TenantError if there is no such tenant, it is not active, or it is the operator's own.
    """
    with store.writing() as transaction:
        tenant = _held(transaction, name, customer=True)
        if unusable := tenant.unusable():
            raise TenantError(unusable)
        tenants.set_times(transaction, tenant.number, suspended=store.clock())
        audit_log.append(transaction, audit_entry(store, tenant, Action.TenantSuspended, by))
    return tenant


def resume(store: Store, name: str, *, by: Actor = ITSELF) -> Tenant:
    """Ends the suspension of a tenant, or undoes its deletion. Raises TenantError if it is active or purged."""
    with store.writing() as transaction:
        tenant = _held(transaction, name)
        if tenant.status is TenantStatus.ACTIVE:
            raise TenantError(f"the tenant {name} is neither suspended nor deleted")
        if tenant.status is TenantStatus.PURGED:
            raise TenantError(tenant.unusable())
        tenants.set_times(transaction, tenant.number, suspended=0, deleted=0, purge_after=0)
        verdicts.begin_anew(transaction, tenant.number)
        undelivered.begin_anew(transaction, tenant.number, store.clock())
        audit_log.append(transaction, audit_entry(store, tenant, Action.TenantResumed, by, was=tenant.status.value))
    return tenant


def delete(store: Store, name: str, *, grace_seconds: int, by: Actor = ITSELF) -> Tenant:
    """Deletes a tenant. At once nobody can access it; its jobs are kept for at least `grace_seconds`. Messages about it
    that nobody has yet are dropped.

    The deletion is reported as a SoftDelete job of the operator's own tenant. Raises TenantError if there is no such
    tenant, it is deleted already, or it is the operator's own.
    """
    now = store.clock()
    with store.writing() as transaction:
        tenant = _held(transaction, name, customer=True)
        if tenant.status in (TenantStatus.DELETED, TenantStatus.PURGED):
            raise TenantError(tenant.unusable())
        after = now + grace_seconds * ticks.PER_SECOND
        tenants.set_times(transaction, tenant.number, deleted=now, purge_after=after)
        until = ticks.to_iso(after, digits=0)
        dropped = undelivered.end_undelivered(transaction, tenant.number)
        detail: dict[str, str | int] = {"messages": dropped} if dropped else {}
        audit_log.append(transaction, audit_entry(store, tenant, Action.TenantDeleted, by, purgeAfter=until, **detail))
    service = ensure(store, SERVICE_NAME)
    report = deletion_job(JobType.SoftDelete, tenant, now).evolve(
        state=JobState.Successful,
        finish=max(now, store.clock()),
        comments=f"tenant {name}: its history goes for good after {until}",
        successful=1,
        total=1,
    )
    store.record(service.number, [report])
    return Tenant(number=tenant.number, name=name, created=tenant.created, deleted=now, purge_after=after)


def deletion_job(kind: JobType, tenant: Tenant, now: int) -> Job:
    """Returns the job that reports a deletion. It is stored for the operator's own tenant, since the jobs of the
    deleted tenant will be gone.
    """
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


def no_tenant(name: str) -> str:
    """Returns what is said of a name that no tenant of the store has."""
    return f"the store has no tenant {name!r}: jobreport tenant list shows those that it has"


def require(name: str, found: Tenant | None) -> Tenant:
    """Returns `found`. Raises TenantError if it is None; the message contains `name`."""
    if found is None:
        raise TenantError(no_tenant(name))
    return found


def _held(transaction: Transaction, name: str, *, customer: bool = False) -> Tenant:
    """Returns the tenant, and locks the registry so that it can be changed.

    Raises TenantError if there is no such tenant, or if `customer` and it is the operator's own.
    """
    if customer and name == SERVICE_NAME:
        raise TenantError(f"{name} is the operator's own tenant, and stays")
    return require(name, tenants.find_for_update(transaction, name))


def _created(tenant: Tenant, by: Actor) -> AuditEntry:
    return AuditEntry(
        tenant=tenant.number, at=tenant.created, actor=by, action=Action.TenantCreated, target=f"tenant:{tenant.name}"
    )


def audit_entry(store: Store, tenant: Tenant, action: Action, by: Actor, **detail: str | int) -> AuditEntry:
    """Returns an entry for the tenant's audit log."""
    return AuditEntry(
        tenant=tenant.number,
        at=store.clock(),
        actor=by,
        action=action,
        target=f"tenant:{tenant.name}",
        detail={**detail},
    )
