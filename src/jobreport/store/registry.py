"""Tenants, app registrations, their secrets' hashes and the signing keys: kept and found again."""

from typing import Any

import msgspec
from sqlalchemy import Connection, Row, Select, insert, select, update

from jobreport.store import locks, tenants
from jobreport.store.rows import keepable
from jobreport.store.schema_registry import app, app_secret, app_tenant, signing_key, tenant
from jobreport.store.tenants import Standing


class AppSecret(msgspec.Struct, frozen=True):
    """The hash of a client secret, and the ticks from and until which it is good."""

    secret_hash: str
    created: int
    expires: int


class App(msgspec.Struct, frozen=True, kw_only=True):
    """An app registration: it belongs to one tenant. Times are ticks; `revoked` is 0 while it is good.

    A provider's may ask for other tenants than its own: for all, or for those in `reach`, by number.
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
    tenant_standing: Standing = Standing.ACTIVE


class SigningKey(msgspec.Struct, frozen=True):
    """A private key as JWK (JSON), under the ID that tokens name it by."""

    kid: str
    jwk: str
    created: int


def tenant_number(connection: Connection, name: str) -> int | None:
    """The key of the tenant called `name`, or None."""
    found = tenants.find(connection, name)
    return found.number if found else None


def add_tenant(connection: Connection, name: str, now: int) -> int:
    """The key of the tenant called `name`, which is made where it is new."""
    return tenants.add(connection, name, now)[0].number


def add_app(connection: Connection, new: App) -> None:
    """Keeps a new app registration with its secrets' hashes."""
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
    if new.reach:
        connection.execute(
            insert(app_tenant), [{"client_id": new.client_id, "tenant": number} for number in sorted(set(new.reach))]
        )
    for secret in new.secrets:
        add_secret(connection, new.client_id, secret)


def add_secret(connection: Connection, client_id: str, secret: AppSecret) -> None:
    """Adds the hash of one more secret."""
    connection.execute(insert(app_secret).values(client_id=client_id, **msgspec.structs.asdict(secret)))


def limit_secrets(connection: Connection, client_id: str, until: int) -> None:
    """Ends every secret of the app at `until` (ticks), where it would live longer."""
    locks.alone(connection, locks.REGISTRY)
    longer = (app_secret.c.client_id == client_id) & (app_secret.c.expires > until)
    connection.execute(update(app_secret).where(longer).values(expires=until))


def revoke_app(connection: Connection, client_id: str, now: int) -> None:
    """Marks the app as revoked; what it reported stays."""
    connection.execute(update(app).where(app.c.client_id == client_id, app.c.revoked.is_(None)).values(revoked=now))


def find_app(connection: Connection, client_id: str) -> App | None:
    """The app registration with this client ID, revoked or not."""
    if not keepable(client_id):
        return None
    row = connection.execute(_apps().where(app.c.client_id == client_id)).first()
    # Looked for in any case, so that the time it takes does not tell whether there is such an app.
    secrets, reach = _secrets(connection, client_id), _reach(connection, client_id)
    return _app(row, secrets, reach) if row else None


def list_apps(connection: Connection, tenant_name: str | None = None) -> tuple[App, ...]:
    """Every app registration, of one tenant or of all; oldest first."""
    statement = _apps().order_by(app.c.created, app.c.client_id)
    if tenant_name is not None:
        if not keepable(tenant_name):
            return ()
        statement = statement.where(tenant.c.name == tenant_name)
    return tuple(
        _app(row, _secrets(connection, row.client_id), _reach(connection, row.client_id))
        for row in connection.execute(statement).all()
    )


def signing_keys(connection: Connection) -> tuple[SigningKey, ...]:
    """Every signing key, newest first."""
    rows = connection.execute(
        select(signing_key.c.kid, signing_key.c.jwk, signing_key.c.created).order_by(signing_key.c.created.desc())
    )
    return tuple(SigningKey(row.kid, row.jwk, row.created) for row in rows)


def add_first_signing_key(connection: Connection, key: SigningKey) -> None:
    """Keeps the key where there is none yet: of many that are made at once, one is enough."""
    locks.alone(connection, locks.REGISTRY)
    if not signing_keys(connection):
        connection.execute(insert(signing_key).values(**msgspec.structs.asdict(key)))


def _apps() -> Select[Any]:
    named = tenant.c.name.label("tenant_name")
    times = (tenant.c.suspended, tenant.c.deleted, tenant.c.purged)
    return select(app, named, *times).join(tenant, tenant.c.tenant == app.c.tenant)


def _secrets(connection: Connection, client_id: str) -> tuple[AppSecret, ...]:
    """The app's secrets, oldest first."""
    found = connection.execute(
        select(app_secret.c.secret_hash, app_secret.c.created, app_secret.c.expires)
        .where(app_secret.c.client_id == client_id)
        .order_by(app_secret.c.created)
    )
    return tuple(AppSecret(one.secret_hash, one.created, one.expires) for one in found)


def _reach(connection: Connection, client_id: str) -> tuple[int, ...]:
    """The tenants that a provider's app may ask for."""
    found = connection.execute(select(app_tenant.c.tenant).where(app_tenant.c.client_id == client_id))
    return tuple(sorted(found.scalars()))


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
        tenant_standing=tenants.standing(row),
    )
