"""Changes the settings of a tenant: when its nights begin, which jobs leave a good copy, how old that may become."""

from collections.abc import Callable
from typing import Final

from msgspec.structs import replace

from jobreport.identity.tenants import TenantError, audit_entry, require
from jobreport.model import nights, ticks, zones
from jobreport.model.audit import ITSELF, Action, Actor
from jobreport.model.catalog import ServiceType
from jobreport.model.good_copy_age import AgeRule
from jobreport.model.job import TEXT_LIMITS
from jobreport.store import Store
from jobreport.store.derived.good_jobs import judge_again
from jobreport.store.registry import audit_log, tenants
from jobreport.store.registry.tenants import Tenant, TenantStatus

GOOD: Final = ("successful", "exceptions")
"""What a tenant may take for good: successful jobs only, or jobs that finished with exceptions, too."""

MAX_PATTERN: Final = TEXT_LIMITS["plan"]
MAX_RULES: Final = 100
"""The most ages that can be agreed with one tenant beside its own."""


def change(
    store: Store,
    name: str,
    *,
    zone: str | None = None,
    night: str | None = None,
    good: str | None = None,
    max_age: int | None = None,
    by: Actor = ITSELF,
) -> Tenant:
    """Changes the given settings of a tenant, and returns it: its time zone (an IANA name), the local time at which its
    nights begin (such as 18:00), what it takes for good (one of `GOOD`), and how old the last good copy of its series
    may become (ticks; 0 for the default).

    If it takes something else for good now, all its series are judged again, in the same transaction. Raises
    TenantError if there is no such tenant, if it was deleted, or if a value cannot be understood.
    """
    return _change(store, name, lambda tenant: _with(tenant, zone, night, good, max_age), by)


def agree(store: Store, name: str, *, plan: str = "", service: int = 0, age: int, by: Actor = ITSELF) -> Tenant:
    """Agrees how old the last good copies of a tenant may become: of the plans that match a pattern, or of a service
    (its code). An `age` in ticks; 0 ends what was agreed. Returns the tenant.

    Raises TenantError if there is no such tenant, if it was deleted, if nothing was agreed that could end, or if the
    pattern is empty or too long.
    """
    if not service and not 0 < len(plan) <= MAX_PATTERN:
        raise TenantError(f"a pattern of plans has 1 to {MAX_PATTERN} characters")

    def changed(tenant: Tenant) -> Tenant:
        others = [one for one in tenant.rules if (one.service, one.pattern) != (service, plan)]
        if not age and len(others) == len(tenant.rules):
            raise TenantError(f"nothing is agreed with {tenant.name} for that")
        if age and len(others) >= MAX_RULES:
            raise TenantError(f"at most {MAX_RULES} ages can be agreed with a tenant")
        return replace(tenant, rules=tuple(sorted([*others, *([AgeRule(service, plan, age)] if age else [])])))

    return _change(store, name, changed, by)


def _change(store: Store, name: str, change_: Callable[[Tenant], Tenant], by: Actor) -> Tenant:
    with store.writing() as transaction:
        tenant = require(name, tenants.find_for_update(transaction, name))
        if tenant.status in (TenantStatus.DELETED, TenantStatus.PURGED):
            raise TenantError(tenant.unusable())
        changed = change_(tenant)
        if changed == tenant:
            return tenant
        tenants.set_night(transaction, tenant.number, changed.night)
        tenants.set_max_age(transaction, tenant.number, changed.max_age)
        tenants.set_rules(transaction, tenant.number, changed.rules)
        if changed.exceptions_good != tenant.exceptions_good:
            tenants.set_exceptions_good(transaction, tenant.number, changed.exceptions_good)
            judge_again(transaction, tenant.number)
        was, now = ({**settings(one), "ages": _ages_in_words(one)} for one in (tenant, changed))
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
        "maxAge": ticks.duration(0, tenant.max_age) if tenant.max_age else "default",
    }


def agreed_ages(tenant: Tenant) -> list[dict[str, str]]:
    """Returns what is agreed with a tenant, the most specific first, under the names that scripts see."""
    plans = [one for one in tenant.rules if not one.service]
    services = [one for one in tenant.rules if one.service]
    return [
        *({"plan": one.pattern, "maxAge": ticks.duration(0, one.age)} for one in plans),
        *({"service": ServiceType(one.service).name, "maxAge": ticks.duration(0, one.age)} for one in services),
        {"maxAge": settings(tenant)["maxAge"]},
    ]


def _ages_in_words(tenant: Tenant) -> str:
    *rules, _ = agreed_ages(tenant)
    return ", ".join(" ".join(one.values()) for one in rules)


def _with(tenant: Tenant, zone: str | None, night: str | None, good: str | None, max_age: int | None) -> Tenant:
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
    age = tenant.max_age if max_age is None else max_age
    return replace(tenant, night=hours, exceptions_good=exceptions_good, max_age=age)
