"""A provider's app and the tenants that it is to serve in; its reach changed, with what it was before, out."""

from collections.abc import Sequence

import msgspec

from jobreport.identity.apps.registrations import RegistrationError, entry, numbers
from jobreport.model.audit import ITSELF, Action, Actor, Detail
from jobreport.store import Store, Transaction
from jobreport.store.registry import apps, audit_log, tenants
from jobreport.store.registry.apps import App


class Reach(msgspec.Struct, frozen=True):
    """Whom a provider's app may ask for: the tenants of these names, or every one there is and will be."""

    tenants: tuple[str, ...]
    every: bool = False


def change(
    store: Store, client_id: str, *, names: Sequence[str] = (), every: bool = False, by: Actor = ITSELF
) -> tuple[App, Reach, Reach]:
    """Lets a provider's app ask for the tenants of these names alone, or for `every` one; the app, before, and now.

    Known everywhere within seconds, for tokens that are out as well. RegistrationError for no such app, one that was
    revoked or is of one tenant, for names and `every` together or neither, and for a tenant that is not there. One that
    the app may ask for already may be suspended or deleted.
    """
    if bool(names) == every:
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
        reach = numbers(transaction, names, known=app.reach)
        now = Reach(_names(reach, called), every)
        if now != before:
            apps.set_reach(transaction, client_id, reach, all_tenants=every)
            _note(store, transaction, app, before, now, by)
    return app, before, now


def _note(store: Store, transaction: Transaction, app: App, before: Reach, now: Reach, by: Actor) -> None:
    about: Detail = {**_about(now, "tenants", "allTenants"), **_about(before, "tenantsBefore", "allTenantsBefore")}
    audit_log.append(transaction, entry(app, Action.AppTenants, store.clock(), by, about))


def _about(reach: Reach, some: str, every: str) -> Detail:
    return {every: True} if reach.every else {some: list(reach.tenants)}


def _names(reach: Sequence[int], called: dict[int, str]) -> tuple[str, ...]:
    return tuple(called[number] for number in sorted(set(reach)))
