"""An app's credentials: adds, rotates and ends client secrets and certificates, and finds those that expire soon.

An app has at most two valid secrets and two valid certificates. It needs two while it changes from an old credential to
a new one. It may not have more, so that none is forgotten.
"""

from collections.abc import Sequence
from typing import Final, TypeVar

from jobreport.identity.apps import certificates
from jobreport.identity.apps.registrations import Issued, RegistrationError, about_certificate, audit_entry, new_secret
from jobreport.model import ticks
from jobreport.model.audit import ITSELF, Action, Actor, AuditEntry, Detail
from jobreport.store import Store, Transaction
from jobreport.store.admin import leases
from jobreport.store.db import locks
from jobreport.store.registry import apps as registry
from jobreport.store.registry import audit_log, credentials
from jobreport.store.registry.apps import App, AppSecret
from jobreport.store.registry.credentials import AppCertificate

T = TypeVar("T")

_WARNING: Final = "warning of what ends"

MOST: Final = 2
"""The most valid secrets, and the most valid certificates, that an app may have."""
WARN_DAYS: Final = 30
"""The number of days before the end of a credential at which warnings begin."""
ID_DIGITS: Final = 8
"""The number of digits of a credential's hash that make the ID which is shown to people."""


def add_secret(store: Store, client_id: str, *, years: int = 1, by: Actor = ITSELF) -> Issued:
    """Adds a secret to the app. Raises RegistrationError if there is no such app, or it has two valid secrets."""
    now = store.clock()
    secret, kept = new_secret(now, years)
    with store.writing() as transaction:
        app = _app(transaction, client_id)
        live = live_secrets(app, now)
        if len(live) >= MOST:
            raise RegistrationError(
                f"this app has {MOST} live secrets ({', '.join(secret_id(one) for one in live)}); end one first: "
                f"jobreport app secret revoke {client_id} {secret_id(live[0])}"
            )
        registry.add_secret(transaction, client_id, kept)
        audit_log.append(transaction, _secret_added(app, kept, by))
    return Issued(app, secret, kept.expires)


def rotate(store: Store, client_id: str, *, years: int = 1, overlap_seconds: int = 0, by: Actor = ITSELF) -> Issued:
    """Gives the app a new secret. The earlier secrets end after `overlap_seconds`.

    Raises RegistrationError if there is no such app, or if two secrets would stay valid beside the new one.
    """
    now = store.clock()
    secret, kept = new_secret(now, years)
    with store.writing() as transaction:
        app = _app(transaction, client_id)
        live = live_secrets(app, now)
        if overlap_seconds and len(live) >= MOST:
            raise RegistrationError(
                f"this app has {MOST} live secrets already; end one first (jobreport app secret revoke {client_id} "
                f"{secret_id(live[0])}), or rotate without an overlap, which ends both"
            )
        ends = now + overlap_seconds * ticks.PER_SECOND
        registry.limit_secrets(transaction, client_id, ends)
        registry.add_secret(transaction, client_id, kept)
        entries = [_secret_ended(app, one, min(ends, one.expires), now, by) for one in live]
        audit_log.append(transaction, *entries, _secret_added(app, kept, by))
    return Issued(app, secret, kept.expires)


def end_secret(store: Store, client_id: str, named: str, *, by: Actor = ITSELF) -> tuple[App, AppSecret]:
    """Ends, at once, the app's secret whose ID begins with `named`.

    Raises RegistrationError if there is no such secret, or more than one.
    """
    now = store.clock()
    with store.writing() as transaction:
        app = _app(transaction, client_id)
        live = live_secrets(app, now)
        secret = _only([one for one in live if one.secret_hash.startswith(named.lower())], named, "live secret")
        credentials.end_secret(transaction, client_id, secret.secret_hash, now)
        audit_log.append(transaction, _secret_ended(app, secret, now, now, by))
    return app, secret


def add_certificate(store: Store, client_id: str, data: bytes, *, by: Actor = ITSELF) -> tuple[App, AppCertificate]:
    """Adds the certificate in `data` to the app.

    Raises CertificateError if the certificate cannot be used (`certificates.read_certificate`), RegistrationError if
    there is no such app, or it has this certificate or two valid ones.
    """
    now = store.clock()
    new = certificates.read_certificate(data, now)
    with store.writing() as transaction:
        app = _app(transaction, client_id)
        live = [one for one in credentials.certificates_of(transaction, client_id) if one.is_live(now)]
        if any(one.thumbprint == new.thumbprint for one in live):
            raise RegistrationError("this app has this certificate already")
        if len(live) >= MOST:
            raise RegistrationError(
                f"this app has {MOST} live certificates; end one first: "
                f"jobreport app certificate remove {client_id} {live[0].thumbprint[:ID_DIGITS]}"
            )
        credentials.add_certificate(transaction, client_id, new)
        audit_log.append(transaction, audit_entry(app, Action.CertificateAdded, now, by, about_certificate(new)))
    return app, new


def end_certificate(store: Store, client_id: str, named: str, *, by: Actor = ITSELF) -> tuple[App, AppCertificate]:
    """Ends the certificate whose thumbprint begins with `named`.

    Raises RegistrationError if there is no such certificate, or more than one.
    """
    now = store.clock()
    with store.writing() as transaction:
        app = _app(transaction, client_id)
        there = [one for one in credentials.certificates_of(transaction, client_id) if not one.ended]
        prefix = named.replace(":", "").lower()
        certificate = _only([one for one in there if one.thumbprint.startswith(prefix)], named, "certificate")
        credentials.end_certificate(transaction, client_id, certificate.thumbprint, now)
        audit_log.append(
            transaction, audit_entry(app, Action.CertificateEnded, now, by, {"thumbprint": certificate.thumbprint})
        )
    return app, certificate


def live_secrets(app: App, now: int) -> list[AppSecret]:
    """Returns the secrets that are valid at `now` (ticks), oldest first."""
    return [one for one in app.secrets if now < one.expires]


def secret_id(secret: AppSecret) -> str:
    """Returns the ID of a secret, which may be shown: it does not help to guess the secret, of 256 random bits."""
    return secret.secret_hash[:ID_DIGITS]


def expiring(app: App, kept: Sequence[AppCertificate], now: int) -> list[tuple[str, int]]:
    """Returns the names and ends (ticks) of the app's credentials that should be replaced now.

    If all credentials end within `WARN_DAYS`, or have ended, these are the credentials that are still valid, and the
    one that ends last.

    If a credential lasts longer, the app is changing to it. Then these are only the old credentials that are still
    used. Example: the new secret was last used on Friday at 12:00. An old secret that was used after Thursday 12:00 is
    still used; if it was used on Wednesday for the last time, the change is complete.
    """
    candidates: list[tuple[str, AppSecret | AppCertificate]] = [
        (f"secret {secret_id(one)}", one) for one in app.secrets
    ]
    candidates += [(f"certificate {one.thumbprint[:ID_DIGITS]}", one) for one in kept if not one.ended]
    if app.revoked or not candidates:
        return []
    lasting = [one.last_used for _, one in candidates if lasts(one, now)]
    if lasting:
        used = max(1, max(lasting) - ticks.PER_DAY)
        return [
            (name, one.expires)
            for name, one in candidates
            if not lasts(one, now) and now < one.expires and one.last_used >= used
        ]
    last = max(one.expires for _, one in candidates)
    return [(name, one.expires) for name, one in candidates if one.expires > now or one.expires == last]


def lasts(kept: AppSecret | AppCertificate, now: int) -> bool:
    """Whether the credential is valid for more than `WARN_DAYS` from now."""
    return kept.expires > now + WARN_DAYS * ticks.PER_DAY


def expiring_sign_ins(store: Store) -> list[tuple[str, int]]:
    """Returns the apps whose credentials end soon, for a warning in the log: each name, and the last end in ticks.

    Only the first process that asks gets them; for the next 24 hours others get none. So the log has each warning once.
    """
    if not leases.acquire(store, _WARNING, 86_400):
        return []
    now = store.clock()
    with store.reading() as transaction:
        apps, kept = registry.list_apps(transaction), credentials.all_certificates(transaction)
    return [
        (f"{app.name} ({app.client_id})", max(ends for _, ends in ending))
        for app in apps
        if (ending := expiring(app, kept.get(app.client_id, ()), now))
    ]


def _app(transaction: Transaction, client_id: str) -> App:
    """Returns the app, and locks the registry until the transaction ends.

    Raises RegistrationError if there is no such app, or it was revoked.
    """
    locks.lock(transaction, locks.REGISTRY)
    app = registry.find_app(transaction, client_id)
    if app is None or app.revoked:
        raise RegistrationError("there is no such app registration, or it was revoked")
    return app


def _only(found: Sequence[T], named: str, what: str) -> T:
    """Returns the only item of `found`. Raises RegistrationError if there is none, or more than one."""
    if len(found) != 1 or not named:
        raise RegistrationError(
            f"this app has {f'more than one {what}' if found else f'no {what}'} whose ID begins with {named!r}; "
            "`jobreport app show` lists them"
        )
    return found[0]


def _secret_added(app: App, secret: AppSecret, by: Actor) -> AuditEntry:
    return audit_entry(app, Action.SecretAdded, secret.created, by, _about(secret, secret.expires))


def _secret_ended(app: App, secret: AppSecret, ends: int, now: int, by: Actor) -> AuditEntry:
    return audit_entry(app, Action.SecretEnded, now, by, _about(secret, ends))


def _about(secret: AppSecret, expires: int) -> Detail:
    return {"secret": secret_id(secret), "expires": ticks.to_iso(expires, digits=0)}
