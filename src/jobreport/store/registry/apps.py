"""App registrations in the store. An app is a program that may use the API.

This module reads and writes its permissions, the hashes of its secrets, and the tenants that it may access. For
certificates, see `credentials`.
"""

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, Select, delete, insert, select, update

from jobreport.store.db import locks
from jobreport.store.registry import tenants
from jobreport.store.registry.tenants import TenantStatus
from jobreport.store.schema.registry import app, app_secret, app_tenant, tenant
from jobreport.store.schema.rows import storable


class AppSecret(msgspec.Struct, frozen=True):
    """The hash of a client secret, valid from `created` to `expires`. Times are ticks; `last_used`: 0 if never."""

    secret_hash: str
    created: int
    expires: int
    last_used: int = 0


class App(msgspec.Struct, frozen=True, kw_only=True):
    """An app registration. It belongs to one tenant. Times are ticks; `revoked` is 0 if the app is not revoked.

    The app of a service provider may also access other tenants: all (`all_tenants`), or those whose numbers are in
    `reach`.
    """

    client_id: str
    tenant: int
    tenant_name: str
    name: str
    permissions: tuple[str, ...]
    created: int
    revoked: int = 0
    secrets: tuple[AppSecret, ...] = ()
    all_tenants: bool = False
    reach: tuple[int, ...] = ()
    tenant_status: TenantStatus = TenantStatus.ACTIVE


def tenant_number(connection: Connection, name: str) -> int | None:
    """Returns the number of the tenant with this name; None if there is none."""
    tenant = tenants.find(connection, name)
    return tenant.number if tenant else None


def add_tenant(connection: Connection, name: str, now: int) -> int:
    """Returns the number of the tenant with this name. The tenant is created if it does not exist."""
    return tenants.add(connection, name, now)[0].number


def add_app(connection: Connection, new: App) -> None:
    """Stores a new app registration with the hashes of its secrets."""
    connection.execute(
        insert(app).values(
            client_id=new.client_id,
            tenant=new.tenant,
            name=new.name,
            permissions=" ".join(new.permissions),
            created=new.created,
            all_tenants=new.all_tenants,
        )
    )
    _add_reach(connection, new.client_id, new.reach)
    for secret in new.secrets:
        add_secret(connection, new.client_id, secret)


def set_reach(connection: Connection, client_id: str, reach: Sequence[int], *, all_tenants: bool) -> None:
    """Replaces the list of tenants that a provider's app may access: these numbers, or all tenants."""
    connection.execute(update(app).where(app.c.client_id == client_id).values(all_tenants=all_tenants))
    connection.execute(delete(app_tenant).where(app_tenant.c.client_id == client_id))
    _add_reach(connection, client_id, reach)


def _add_reach(connection: Connection, client_id: str, reach: Sequence[int]) -> None:
    if reach:
        rows = [{"client_id": client_id, "tenant": number} for number in sorted(set(reach))]
        connection.execute(insert(app_tenant), rows)


def add_secret(connection: Connection, client_id: str, secret: AppSecret) -> None:
    """Adds the hash of one more secret."""
    connection.execute(insert(app_secret).values(client_id=client_id, **msgspec.structs.asdict(secret)))


def limit_secrets(connection: Connection, client_id: str, until: int) -> None:
    """Makes all secrets of the app expire at `until` (ticks) at the latest. An earlier expiry stays as it is."""
    locks.lock(connection, locks.REGISTRY)
    longer = (app_secret.c.client_id == client_id) & (app_secret.c.expires > until)
    connection.execute(update(app_secret).where(longer).values(expires=until))


def revoke_app(connection: Connection, client_id: str, now: int) -> None:
    """Marks the app as revoked. The jobs that it reported stay. If it was revoked before, that time stays."""
    connection.execute(update(app).where(app.c.client_id == client_id, app.c.revoked.is_(None)).values(revoked=now))


def find_app(connection: Connection, client_id: str) -> App | None:
    """Returns the app registration with this client ID, also if it is revoked; None if there is none."""
    if not storable(client_id):
        return None
    row = connection.execute(_apps().where(app.c.client_id == client_id)).first()
    # Read even if there is no such app, so that the time of the answer does not show whether it exists.
    secrets, reach = _secrets(connection, client_id), _reach(connection, client_id)
    return _app(row, secrets, reach) if row else None


def find_app_for_update(connection: Connection, client_id: str) -> App | None:
    """Finds an app in order to change it. It locks the registry first, until the transaction ends."""
    locks.lock(connection, locks.REGISTRY)
    return find_app(connection, client_id)


def list_apps(connection: Connection, tenant_name: str | None = None) -> tuple[App, ...]:
    """Returns all app registrations, also revoked ones, of one tenant or of all tenants; oldest first."""
    statement = _apps().order_by(app.c.created, app.c.client_id)
    if tenant_name is not None:
        if not storable(tenant_name):
            return ()
        statement = statement.where(tenant.c.name == tenant_name)
    return tuple(
        _app(row, _secrets(connection, row.client_id), _reach(connection, row.client_id))
        for row in connection.execute(statement).all()
    )


def _apps() -> Select[Any]:
    named = tenant.c.name.label("tenant_name")
    times = (tenant.c.suspended, tenant.c.deleted, tenant.c.purged)
    return select(app, named, *times).join(tenant, tenant.c.tenant == app.c.tenant)


def _secrets(connection: Connection, client_id: str) -> tuple[AppSecret, ...]:
    """Returns the app's secrets, oldest first."""
    rows = connection.execute(
        select(app_secret.c.secret_hash, app_secret.c.created, app_secret.c.expires, app_secret.c.last_used)
        .where(app_secret.c.client_id == client_id)
        .order_by(app_secret.c.created)
    )
    return tuple(AppSecret(one.secret_hash, one.created, one.expires, one.last_used or 0) for one in rows)


def _reach(connection: Connection, client_id: str) -> tuple[int, ...]:
    """Returns the numbers of the tenants that a provider's app may access, besides its own."""
    numbers = connection.execute(select(app_tenant.c.tenant).where(app_tenant.c.client_id == client_id))
    return tuple(sorted(numbers.scalars()))


def _app(row: Row[Any], secrets: tuple[AppSecret, ...], reach: tuple[int, ...]) -> App:
    return App(
        client_id=row.client_id,
        tenant=row.tenant,
        tenant_name=row.tenant_name,
        name=row.name,
        permissions=tuple(row.permissions.split()),
        created=row.created,
        revoked=row.revoked or 0,
        secrets=secrets,
        all_tenants=row.all_tenants,
        reach=reach,
        tenant_status=tenants.status_of(row),
    )
