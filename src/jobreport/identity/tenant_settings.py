"""Changes the settings of a tenant: when its nights begin, which jobs leave a good copy, what stands in its report."""

from collections.abc import Callable
from typing import Final

from msgspec.structs import replace

from jobreport.identity.tenants import TenantError, audit_entry, require
from jobreport.model import nights, zones
from jobreport.model.audit import ITSELF, Action, Actor
from jobreport.store import Store
from jobreport.store.derived.good_jobs import judge_again
from jobreport.store.registry import audit_log, tenants
from jobreport.store.registry.tenants import Tenant, TenantStatus
from jobreport.store.watch import verdicts

GOOD: Final = ("successful", "exceptions")
"""What a tenant may take for good: successful jobs only, or jobs that finished with exceptions, too."""


def change(
    store: Store,
    name: str,
    *,
    zone: str | None = None,
    night: str | None = None,
    good: str | None = None,
    missed_jobs: bool | None = None,
    by: Actor = ITSELF,
) -> Tenant:
    """Changes the given settings of a tenant, and returns it: its time zone (an IANA name), the local time at which its
    nights begin (such as 18:00), what it takes for good (one of `GOOD`), and whether a job is written for a run that
    did not start.

    If it takes something else for good now, all its series are judged again, in the same transaction. Raises
    TenantError if there is no such tenant, if it was deleted, or if a value cannot be understood.
    """
    return _change(store, name, lambda tenant: _with(tenant, zone, night, good, missed_jobs), by)


def _change(store: Store, name: str, change_: Callable[[Tenant], Tenant], by: Actor) -> Tenant:
    with store.writing() as transaction:
        tenant = require(name, tenants.find_for_update(transaction, name))
        if tenant.status in (TenantStatus.DELETED, TenantStatus.PURGED):
            raise TenantError(tenant.unusable())
        changed = change_(tenant)
        if changed == tenant:
            return tenant
        tenants.set_night(transaction, tenant.number, changed.night)
        tenants.set_missed_jobs(transaction, tenant.number, changed.missed_jobs)
        verdicts.judge_all(transaction, tenant.number)
        if changed.exceptions_good != tenant.exceptions_good:
            tenants.set_exceptions_good(transaction, tenant.number, changed.exceptions_good)
            judge_again(transaction, tenant.number)
        was, now = settings(tenant), settings(changed)
        about = {
            key: value
            for one in now
            if was[one] != now[one]
            for key, value in ((one, now[one]), (f"{one}Before", was[one]))
        }
        audit_log.append(transaction, audit_entry(store, tenant, Action.TenantChanged, by, **about))
    return changed


def settings(tenant: Tenant) -> dict[str, str]:
    """Returns the settings of a tenant, under the names that scripts and the audit log see."""
    return {
        "timeZone": tenant.night.zone,
        "night": tenant.night.time,
        "good": GOOD[tenant.exceptions_good],
        "missedJobs": "written" if tenant.missed_jobs else "off",
    }


def _with(tenant: Tenant, zone: str | None, night: str | None, good: str | None, missed_jobs: bool | None) -> Tenant:
    """Returns the tenant with the given settings. Raises TenantError if one cannot be understood."""
    hours = tenant.night
    try:
        if zone is not None:
            hours = replace(hours, zone=zones.named(zone) or zones.DEFAULT)
        if night is not None:
            hours = replace(hours, minute=nights.minute_of(night))
    except ValueError as error:
        raise TenantError(str(error)) from None
    exceptions_good = tenant.exceptions_good if good is None else bool(GOOD.index(good))
    missed = tenant.missed_jobs if missed_jobs is None else missed_jobs
    return replace(tenant, night=hours, exceptions_good=exceptions_good, missed_jobs=missed)
