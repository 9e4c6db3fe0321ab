"""App registrations: created, given new secrets, revoked. A secret is handed out once and kept as a hash."""

import hashlib
import re
import secrets
import uuid
from collections.abc import Sequence
from typing import Final

import msgspec

from jobreport.identity.permissions import canonical
from jobreport.model import ticks
from jobreport.store import Store, registry
from jobreport.store.registry import App, AppSecret

SECRET_PREFIX: Final = "jrs_"  # noqa: S105 - lets a leaked secret be recognised; it is none itself
SECRET_YEARS: Final = (1, 2, 3)
"""How long a client secret may live (contract, "Tokens")."""
MAX_NAME: Final = 128
_TENANT_NAME: Final = re.compile(r"[a-z0-9]([a-z0-9._-]{0,61}[a-z0-9])?")


class RegistrationError(ValueError):
    """A registration that cannot be made or found; the message says why."""


class Issued(msgspec.Struct, frozen=True):
    """An app and the secret that was made for it, which nobody can show again; `expires` in ticks."""

    app: App
    secret: str
    expires: int


def create(store: Store, *, name: str, tenant: str, permissions: Sequence[str], years: int = 1) -> Issued:
    """Registers an app for the tenant, which is made where it is new. RegistrationError for what is not allowed."""
    check_tenant(tenant)
    if not name.strip() or len(name) > MAX_NAME or not name.isprintable():
        raise RegistrationError(f"an app's name has 1 to {MAX_NAME} printable characters")
    try:
        granted = canonical(permissions)
    except ValueError as error:
        raise RegistrationError(str(error)) from None
    if not granted:
        raise RegistrationError("an app needs at least one permission")
    now = store.clock()
    secret, kept = _new_secret(now, years)
    with store.writing() as transaction:
        app = App(
            client_id=str(uuid.uuid4()),
            tenant=registry.add_tenant(transaction, tenant, now),
            tenant_name=tenant,
            name=name,
            permissions=granted,
            created=now,
            secrets=(kept,),
        )
        registry.add_app(transaction, app)
    return Issued(app, secret, kept.expires)


def check_tenant(name: str) -> None:
    """Returns where a tenant may be called `name`; RegistrationError otherwise."""
    if not _TENANT_NAME.fullmatch(name):
        raise RegistrationError(
            "a tenant's name has 1 to 63 lower-case letters, digits, dots, dashes or underscores, "
            "and starts and ends with a letter or digit"
        )


def rotate(store: Store, client_id: str, *, years: int = 1, overlap_seconds: int = 0) -> Issued:
    """Gives the app a new secret; its earlier ones end after `overlap_seconds`. RegistrationError for no such app."""
    now = store.clock()
    secret, kept = _new_secret(now, years)
    with store.writing() as transaction:
        app = registry.find_app(transaction, client_id)
        if app is None or app.revoked:
            raise RegistrationError("there is no such app registration, or it was revoked")
        registry.limit_secrets(transaction, client_id, now + overlap_seconds * ticks.PER_SECOND)
        registry.add_secret(transaction, client_id, kept)
    return Issued(app, secret, kept.expires)


def revoke(store: Store, client_id: str) -> App:
    """Ends the app: no new token, and its tokens stop working within seconds. RegistrationError for no such app."""
    with store.writing() as transaction:
        app = registry.find_app(transaction, client_id)
        if app is None:
            raise RegistrationError("there is no such app registration")
        registry.revoke_app(transaction, client_id, store.clock())
    return app


def hash_secret(secret: str) -> str:
    """What is kept of a secret. One round of SHA-256 is enough: the secret has 256 random bits, not a person's few."""
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()


def _new_secret(now: int, years: int) -> tuple[str, AppSecret]:
    if years not in SECRET_YEARS:
        raise RegistrationError("a client secret lives 1, 2 or 3 years")
    secret = SECRET_PREFIX + secrets.token_urlsafe(32)
    return secret, AppSecret(hash_secret(secret), now, now + years * 365 * ticks.PER_DAY)
