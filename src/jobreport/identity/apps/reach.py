"""Changes the reach of a provider's app: the tenants that it may access.

An app of one tenant cannot become a provider's app, because its permissions were granted only for that tenant.
"""

from collections.abc import Sequence

import msgspec

from jobreport.identity.apps.registrations import RegistrationError, audit_entry, tenant_numbers
from jobreport.model.audit import ITSELF, Action, Actor, Detail
from jobreport.store import Store, Transaction
from jobreport.store.registry import apps, audit_log, tenants
from jobreport.store.registry.apps import App


class Reach(msgspec.Struct, frozen=True):
    """The tenants that a provider's app may access: those with these names, or all, also those created later."""

    tenants: tuple[str, ...]
    all_tenants: bool = False


def change(
    store: Store, client_id: str, *, names: Sequence[str] = (), all_tenants: bool = False, by: Actor = ITSELF
) -> tuple[App, Reach, Reach]:
    """Lets the app access the tenants with these names, or `all_tenants`. Returns the app, its old and its new reach.

    This takes effect within seconds, also for tokens that were issued before. Raises RegistrationError if there is no
    such app, it was revoked, or it is an app of one tenant; if both or none of `names` and `all_tenants` are given; if
    a tenant does not exist; or if it is suspended or deleted, unless the app could access it before.
    """
    if bool(names) == all_tenants:
        raise RegistrationError("name the tenants that the app may ask for, or let it ask for all")
    with store.writing() as transaction:
        app = apps.find_app_for_update(transaction, client_id)
        if app is None:
            raise RegistrationError("there is no such app registration")
        if app.revoked:
            raise RegistrationError("this app was revoked; register a new one: jobreport app create --tenants")
        if not (app.all_tenants or app.reach):
            raise RegistrationError(
                f"this app is of one tenant, {app.tenant_name}, and stays so; only a provider's app can be given "
                "others: register one by jobreport app create --tenants"
            )
        called = {one.number: one.name for one in tenants.list_tenants(transaction)}
        before = Reach(_names(app.reach, called), app.all_tenants)
        reach = tenant_numbers(transaction, names, known=app.reach)
        now = Reach(_names(reach, called), all_tenants)
        if now != before:
            apps.set_reach(transaction, client_id, reach, all_tenants=all_tenants)
            _note(store, transaction, app, before, now, by)
    return app, before, now


def _note(store: Store, transaction: Transaction, app: App, before: Reach, now: Reach, by: Actor) -> None:
    about: Detail = {**_about(now, "tenants", "allTenants"), **_about(before, "tenantsBefore", "allTenantsBefore")}
    audit_log.append(transaction, audit_entry(app, Action.AppTenants, store.clock(), by, about))


def _about(reach: Reach, some: str, every: str) -> Detail:
    return {every: True} if reach.all_tenants else {some: list(reach.tenants)}


def _names(reach: Sequence[int], called: dict[int, str]) -> tuple[str, ...]:
    return tuple(called[number] for number in sorted(set(reach)))
