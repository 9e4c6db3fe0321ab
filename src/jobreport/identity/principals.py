"""A client ID in, who that is and what he may, or why he may not, out; known for a few seconds without the store."""

import threading
from collections.abc import Callable
from typing import Final, Generic, TypeVar

import msgspec

from jobreport.identity.apps.permissions import PERMISSIONS
from jobreport.identity.tenants import MAX_NAME
from jobreport.model import ticks
from jobreport.store import Store
from jobreport.store.registry import apps, tenants
from jobreport.store.registry.apps import App
from jobreport.store.registry.tenants import Standing, Tenant

RECHECK: Final = 3 * ticks.PER_SECOND
"""How old the knowledge of an app or a tenant may be: what is revoked or suspended stops within five seconds."""
_MAX_CACHED: Final = 10_000

T = TypeVar("T")


class Principal(msgspec.Struct, frozen=True):
    """Who asks: an app, its tenant, and the permissions that its token carries.

    `several`: it is a provider's app, which asks for one of its tenants at a time and has to name it. `reach` are
    the numbers of the tenants that it may name, None for all that there are.
    """

    client_id: str
    tenant: int
    tenant_name: str
    permissions: frozenset[str]
    several: bool = False
    reach: frozenset[int] | None = frozenset()


class NotAdmittedError(Exception):
    """Somebody whom nobody lets in, although he proved who he is; the message says why."""


class UnknownTenantError(Exception):
    """A tenant that the app may not ask for; whether there is such a tenant is not said."""


class SuspendedTenantError(Exception):
    """A tenant that the app may ask for, but which is suspended."""


class _Remembered(Generic[T]):
    """What was found out less than `RECHECK` ago, by name. Safe between threads."""

    def __init__(self, clock: Callable[[], int], find: Callable[[str], T]) -> None:
        self._clock, self._find = clock, find
        self._lock = threading.Lock()
        self._found: dict[str, tuple[T, int]] = {}

    def known(self, name: str, now: int) -> T | None:
        """What is known of `name` at `now`; None where nothing is."""
        found = self._found.get(name)
        return found[0] if found and 0 <= now - found[1] < RECHECK else None

    def get(self, name: str) -> T:
        """The same, found out where it is not known."""
        now = self._clock()
        found = self._found.get(name)
        if found and 0 <= now - found[1] < RECHECK:
            return found[0]
        value = self._find(name)
        with self._lock:
            if len(self._found) >= _MAX_CACHED:
                self._found.clear()
            self._found[name] = value, now
        return value


class Principals:
    """The apps of a store, as of some seconds ago. Safe between threads.

    An app is known by its client ID; one of an outside issuer (`outside.Outsider`) by that, a line end, and the name of
    its tenant.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._apps = _Remembered(store.clock, self._look_up)
        self._tenants = _Remembered(store.clock, self._look_up_tenant)

    def known(self, client_id: str, now: int) -> Principal | None:
        """The same as `find` where that was asked just before `now`, without the store; None otherwise."""
        found = self._apps.known(client_id, now)
        return found if isinstance(found, Principal) else None

    def find(self, client_id: str) -> Principal:
        """The app with all that it was granted; NotAdmittedError where it is revoked, or its tenant not to be asked."""
        found = self._apps.get(client_id)
        if isinstance(found, str):
            raise NotAdmittedError(found)
        return found

    def known_of(self, principal: Principal, name: str) -> Principal | None:
        """The same as `of_tenant` where the tenant was asked about just now, without the store; None otherwise."""
        found = self._tenants.known(name, self._store.clock())
        return _as(principal, found) if found and _may(principal, found) else None

    def of_tenant(self, principal: Principal, name: str) -> Principal:
        """The same app asking for the tenant called `name`. UnknownTenantError, SuspendedTenantError."""
        found = self.tenant(name)
        if found is None or not _may(principal, found, suspended=True):
            raise UnknownTenantError
        if found.standing is Standing.SUSPENDED:
            raise SuspendedTenantError(f"the tenant {found.name} is suspended")
        return _as(principal, found)

    def tenant(self, name: str) -> Tenant | None:
        """The tenant called `name`; None where there is none, or it is deleted."""
        # What is longer is nobody's name, and would only be remembered: whoever signed in chooses it.
        found = self._tenants.get(name) if len(name) <= MAX_NAME else None
        gone = found is None or found.standing in (Standing.DELETED, Standing.PURGED)
        return None if gone else found

    def _look_up(self, name: str) -> Principal | str:
        client_id, line_end, tenant = name.partition("\n")
        if line_end:
            return self._look_up_outsider(client_id, tenant)
        with self._store.reading() as transaction:
            app = apps.find_app(transaction, client_id)
        return _judged(app)

    def _look_up_outsider(self, client_id: str, name: str) -> Principal | str:
        """An app from outside comes to one tenant, which is there: no token makes one."""
        found = self._look_up_tenant(name)
        if found is None or found.standing in (Standing.DELETED, Standing.PURGED):
            return "it is for a tenant that is none here"
        if found.standing is Standing.SUSPENDED:
            return "the tenant of this app is suspended"
        return Principal(client_id, found.number, found.name, frozenset(PERMISSIONS), reach=frozenset({found.number}))

    def _look_up_tenant(self, name: str) -> Tenant | None:
        with self._store.reading() as transaction:
            return tenants.find(transaction, name)


def not_admitted(app: App) -> str:
    """Why the app may not sign in, although its credentials are right; empty where it may."""
    if app.revoked:
        return "the app registration was revoked"
    match app.tenant_standing:
        case Standing.ACTIVE:
            return ""
        case Standing.SUSPENDED:
            return "the tenant of this app is suspended"
    return "the tenant of this app was deleted"


def _judged(app: App | None) -> Principal | str:
    """The principal of an app, or why there is none."""
    refused = not_admitted(app) if app else "there is no such app registration"
    if app is None or refused:
        return refused
    return Principal(
        app.client_id,
        app.tenant,
        app.tenant_name,
        frozenset(app.permissions),
        app.all_tenants or bool(app.reach),
        None if app.all_tenants else frozenset(app.reach or (app.tenant,)),
    )


def _may(principal: Principal, tenant: Tenant, *, suspended: bool = False) -> bool:
    usable = tenant.standing is Standing.ACTIVE or (suspended and tenant.standing is Standing.SUSPENDED)
    return usable and (principal.reach is None or tenant.number in principal.reach)


def _as(principal: Principal, tenant: Tenant) -> Principal:
    return msgspec.structs.replace(principal, tenant=tenant.number, tenant_name=tenant.name)
