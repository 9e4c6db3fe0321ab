"""Registers apps (OAuth clients) and revokes them.

A client secret is shown once, when it is made; the store keeps only its hash.
"""

import hashlib
import secrets
import uuid
from collections.abc import Sequence
from typing import Final

import msgspec

from jobreport.identity.apps.certificates import read_certificate
from jobreport.identity.apps.permissions import canonical
from jobreport.identity.tenants import TenantError, check_name, ensure_within
from jobreport.model import ticks
from jobreport.model.audit import ITSELF, Action, Actor, AuditEntry, Detail
from jobreport.store import Store, Transaction
from jobreport.store.registry import apps, audit_log, credentials, tenants
from jobreport.store.registry.apps import App, AppSecret
from jobreport.store.registry.credentials import AppCertificate

SECRET_PREFIX: Final = "jrs_"  # noqa: S105 - lets a leaked secret be recognised; it is none itself
SECRET_YEARS: Final = (1, 2, 3)
"""The years for which a client secret can be valid (contract, "Tokens")."""
MAX_NAME: Final = 128


class RegistrationError(ValueError):
    """Raised if a registration does not exist, or cannot be made or changed like this. The message says why."""


class Issued(msgspec.Struct, frozen=True):
    """An app and its new client secret, which cannot be shown again. `expires` is in ticks.

    If the app signs in with a certificate, `certificate` is set and the secret is empty.
    """

    app: App
    secret: str
    expires: int
    certificate: AppCertificate | None = None


def create(
    store: Store,
    *,
    name: str,
    tenant: str,
    permissions: Sequence[str],
    years: int = 1,
    certificate: bytes | None = None,
    reach: Sequence[str] = (),
    all_tenants: bool = False,
    by: Actor = ITSELF,
) -> Issued:
    """Registers an app for the tenant, which is created if it does not exist.

    The app gets a secret that is valid for `years`, or, if it is given, `certificate` (the bytes of a file). With
    `reach` (names of existing tenants) or `all_tenants` it is a provider's app, which may access these tenants.

    Raises RegistrationError if an argument is not allowed, CertificateError if the certificate cannot be used.
    """
    check_tenant(tenant)
    if all_tenants and reach:
        raise RegistrationError("an app may ask for all tenants or for those that are named, not both")
    if not name.strip() or len(name) > MAX_NAME or not name.isprintable():
        raise RegistrationError(f"an app's name has 1 to {MAX_NAME} printable characters")
    try:
        granted = canonical(permissions)
    except ValueError as error:
        raise RegistrationError(str(error)) from None
    if not granted:
        raise RegistrationError("an app needs at least one permission")
    now = store.clock()
    kept = None if certificate is None else read_certificate(certificate, now)
    secret, hashed = new_secret(now, years)
    with store.writing() as transaction:
        try:
            home, made = ensure_within(transaction, tenant, now, by)
        except TenantError as error:
            raise RegistrationError(str(error)) from None
        app = App(
            client_id=str(uuid.uuid4()),
            tenant=home.number,
            tenant_name=tenant,
            name=name,
            permissions=granted,
            created=now,
            secrets=() if kept else (hashed,),
            all_tenants=all_tenants,
            reach=tenant_numbers(transaction, reach),
        )
        apps.add_app(transaction, app)
        if kept:
            credentials.add_certificate(transaction, app.client_id, kept)
        whose: Detail = {"tenants": list(reach)} if reach else {"allTenants": True} if all_tenants else {}
        proof: Detail = about_certificate(kept) if kept else {"secretExpires": ticks.to_iso(hashed.expires, digits=0)}
        about: Detail = {"name": name, "permissions": list(granted), **proof, **whose}
        audit_log.append(transaction, *made, audit_entry(app, Action.AppCreated, now, by, about))
    return Issued(app, "", kept.expires, kept) if kept else Issued(app, secret, hashed.expires)


def about_certificate(kept: AppCertificate) -> dict[str, str]:
    """Returns the facts about a certificate for the audit log."""
    expires = ticks.to_iso(kept.expires, digits=0)
    return {"thumbprint": kept.thumbprint, "subject": kept.subject, "expires": expires}


def audit_entry(app: App, action: Action, now: int, by: Actor, detail: Detail) -> AuditEntry:
    """Returns an entry for the audit log of the app's tenant."""
    return AuditEntry(tenant=app.tenant, at=now, actor=by, action=action, target=f"app:{app.client_id}", detail=detail)


def tenant_numbers(transaction: Transaction, names: Sequence[str], known: Sequence[int] = ()) -> tuple[int, ...]:
    """Returns the numbers of the tenants with these names.

    Raises RegistrationError if a tenant does not exist, since a typing mistake must not give access to a tenant that is
    created later; and if it is suspended or deleted, unless its number is in `known`.
    """
    numbers = []
    for name in dict.fromkeys(names):
        tenant = tenants.find(transaction, name)
        if tenant is None:
            raise RegistrationError(f"there is no tenant {name}: jobreport tenant create {name} makes it")
        if tenant.number not in known and (unusable := tenant.unusable()):
            raise RegistrationError(unusable)
        numbers.append(tenant.number)
    return tuple(numbers)


def check_tenant(name: str) -> None:
    """Raises RegistrationError if no tenant may have this name."""
    try:
        check_name(name)
    except TenantError as error:
        raise RegistrationError(str(error)) from None


def revoke(store: Store, client_id: str, *, by: Actor = ITSELF) -> App:
    """Revokes the app: it gets no new token, and its tokens stop working within seconds.

    Raises RegistrationError if there is no such app.
    """
    with store.writing() as transaction:
        app = apps.find_app(transaction, client_id)
        if app is None:
            raise RegistrationError("there is no such app registration")
        if not app.revoked:
            now = store.clock()
            apps.revoke_app(transaction, client_id, now)
            audit_log.append(transaction, audit_entry(app, Action.AppRevoked, now, by, {"name": app.name}))
    return app


def hash_secret(secret: str) -> str:
    """Returns the hash of a secret. One round of SHA-256 is enough: unlike a password, a secret has 256 random bits."""
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()


def new_secret(now: int, years: int) -> tuple[str, AppSecret]:
    """Returns a new secret, and its hash for the store. Raises RegistrationError if `years` is not 1, 2 or 3."""
    if years not in SECRET_YEARS:
        raise RegistrationError("a client secret lives 1, 2 or 3 years")
    secret = SECRET_PREFIX + secrets.token_urlsafe(32)
    return secret, AppSecret(hash_secret(secret), now, now + years * 365 * ticks.PER_DAY)
