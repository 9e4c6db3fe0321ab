"""Principals: the app that sends a request, the tenant that it may access, and what it may do there.

Apps and tenants are cached for three seconds, so that most requests need not read the store. So a revoked app and a
suspended tenant are refused within seconds, not at once.
"""

import threading
from collections.abc import Callable
from typing import Final, Generic, TypeVar

import msgspec

from jobreport.identity.apps.permissions import PERMISSIONS
from jobreport.model import ticks
from jobreport.model.tenants import MAX_NAME
from jobreport.store import Store
from jobreport.store.registry import apps, tenants
from jobreport.store.registry.apps import App
from jobreport.store.registry.tenants import Tenant, TenantStatus

RECHECK: Final = 3 * ticks.PER_SECOND
"""The cached data of an app or a tenant is used for this long, in ticks."""
_MAX_CACHED: Final = 10_000

T = TypeVar("T")


class Principal(msgspec.Struct, frozen=True):
    """The app that sent a request, the tenant that it wants to access, and the permissions in its token.

    `is_provider`: the app may access several tenants, so each request has to name a tenant. `reach`: the numbers of the
    tenants that it may name; None for all tenants.
    """

    client_id: str
    tenant: int
    tenant_name: str
    permissions: frozenset[str]
    is_provider: bool = False
    reach: frozenset[int] | None = frozenset()


class AppNotAllowedError(Exception):
    """Raised if the app is known but may not sign in or use the API. The message says why."""


class UnknownTenantError(Exception):
    """Raised if the app may not access this tenant. It does not say whether the tenant exists."""


class SuspendedTenantError(Exception):
    """Raised if the app may access this tenant, but the tenant is suspended."""


class _TimedCache(Generic[T]):
    """A cache of the results of `find`, by name. A result is used for `RECHECK` ticks. Thread-safe."""

    def __init__(self, clock: Callable[[], int], find: Callable[[str], T]) -> None:
        self._clock, self._find = clock, find
        self._lock = threading.Lock()
        self._found: dict[str, tuple[T, int]] = {}

    def cached(self, name: str, now: int) -> T | None:
        """Returns the cached value for `name` at `now` (ticks); None if there is none."""
        found = self._found.get(name)
        return found[0] if found and 0 <= now - found[1] < RECHECK else None

    def get(self, name: str) -> T:
        """Returns the value for `name`, from the cache or from `find`."""
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
    """Apps and tenants of a store, through a cache of a few seconds. Thread-safe.

    An app is found by its client ID. An app of an external issuer (`ExternalApp`) is in no table; it is found by its
    client ID, a line feed and the name of its tenant.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._apps = _TimedCache(store.clock, self._look_up)
        self._tenants = _TimedCache(store.clock, self._look_up_tenant)

    def cached(self, client_id: str, now: int) -> Principal | None:
        """Returns the app from the cache, at `now` (ticks); None if it is not cached, or may not use the API."""
        found = self._apps.cached(client_id, now)
        return found if isinstance(found, Principal) else None

    def find(self, client_id: str) -> Principal:
        """Returns the app with all its permissions.

        Raises AppNotAllowedError if there is no such app, it was revoked, or its tenant is not active.
        """
        found = self._apps.get(client_id)
        if isinstance(found, str):
            raise AppNotAllowedError(found)
        return found

    def cached_for_tenant(self, principal: Principal, name: str) -> Principal | None:
        """Does what `for_tenant` does, without reading the store.

        Returns None if the tenant is not cached, or the principal may not access it now.
        """
        found = self._tenants.cached(name, self._store.clock())
        return _as(principal, found) if found and _may_ask_for(principal, found) else None

    def for_tenant(self, principal: Principal, name: str) -> Principal:
        """Returns the principal with the tenant called `name`.

        Raises UnknownTenantError if the app may not access the tenant, SuspendedTenantError if it is suspended.
        """
        tenant = self.tenant(name)
        if tenant is None or not _may_ask_for(principal, tenant, suspended=True):
            raise UnknownTenantError
        if tenant.status is TenantStatus.SUSPENDED:
            raise SuspendedTenantError(f"the tenant {tenant.name} is suspended")
        return _as(principal, tenant)

    def tenant(self, name: str) -> Tenant | None:
        """Returns the tenant called `name`; None if there is none or it was deleted."""
        # No tenant has a longer name. The client chooses it, so it must not fill the cache.
        tenant = self._tenants.get(name) if len(name) <= MAX_NAME else None
        gone = tenant is None or tenant.status in (TenantStatus.DELETED, TenantStatus.PURGED)
        return None if gone else tenant

    def _look_up(self, name: str) -> Principal | str:
        client_id, line_end, tenant = name.partition("\n")
        if line_end:
            return self._look_up_external(client_id, tenant)
        with self._store.reading() as transaction:
            app = apps.find_app(transaction, client_id)
        return _principal_or_reason(app)

    def _look_up_external(self, client_id: str, name: str) -> Principal | str:
        """Returns the principal of an external app, or the reason why it may not use the API.

        Such an app has exactly one tenant, which must exist: a token does not create tenants.
        """
        tenant = self._look_up_tenant(name)
        if tenant is None or tenant.status in (TenantStatus.DELETED, TenantStatus.PURGED):
            return "it is for a tenant that is none here"
        if tenant.status is TenantStatus.SUSPENDED:
            return "the tenant of this app is suspended"
        return Principal(
            client_id, tenant.number, tenant.name, frozenset(PERMISSIONS), reach=frozenset({tenant.number})
        )

    def _look_up_tenant(self, name: str) -> Tenant | None:
        with self._store.reading() as transaction:
            return tenants.find(transaction, name)


def why_not_allowed(app: App) -> str:
    """Returns the reason why an app with right credentials still may not sign in; empty if it may."""
    if app.revoked:
        return "the app registration was revoked"
    match app.tenant_status:
        case TenantStatus.ACTIVE:
            return ""
        case TenantStatus.SUSPENDED:
            return "the tenant of this app is suspended"
    return "the tenant of this app was deleted"


def _principal_or_reason(app: App | None) -> Principal | str:
    """Returns the principal of an app, or the reason why it may not use the API."""
    refused = why_not_allowed(app) if app else "there is no such app registration"
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


def _may_ask_for(principal: Principal, tenant: Tenant, *, suspended: bool = False) -> bool:
    usable = tenant.status is TenantStatus.ACTIVE or (suspended and tenant.status is TenantStatus.SUSPENDED)
    return usable and (principal.reach is None or tenant.number in principal.reach)


def _as(principal: Principal, tenant: Tenant) -> Principal:
    return msgspec.structs.replace(principal, tenant=tenant.number, tenant_name=tenant.name)
