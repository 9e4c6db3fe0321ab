"""What an app proves itself with: secrets and certificates added, replaced and ended, two of a kind at a time.

Two, so that a new one can be handed out before the old one ends; not more, so that none is forgotten.
"""

from collections.abc import Sequence
from typing import Final, TypeVar

from jobreport.identity.apps import certificates
from jobreport.identity.apps.registrations import Issued, RegistrationError, about_certificate, entry, new_secret
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
"""How many live secrets, and how many live certificates, an app may have."""
WARN_DAYS: Final = 30
"""How long before its end a secret or a certificate is warned of."""
ID_DIGITS: Final = 8
"""How much of a hash names a secret or a certificate to people."""


def add_secret(store: Store, client_id: str, *, years: int = 1, by: Actor = ITSELF) -> Issued:
    """Gives the app one more secret. RegistrationError for no such app, and where two are live."""
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
    """Gives the app a new secret; its earlier ones end after `overlap_seconds`.

    RegistrationError for no such app, and where two are live and would go on to be beside the new one.
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
    """Ends the app's secret that `named` (the beginning of its ID) means, at once. RegistrationError for none."""
    now = store.clock()
    with store.writing() as transaction:
        app = _app(transaction, client_id)
        live = live_secrets(app, now)
        found = _only([one for one in live if one.secret_hash.startswith(named.lower())], named, "live secret")
        credentials.end_secret(transaction, client_id, found.secret_hash, now)
        audit_log.append(transaction, _secret_ended(app, found, now, now, by))
    return app, found


def add_certificate(store: Store, client_id: str, data: bytes, *, by: Actor = ITSELF) -> tuple[App, AppCertificate]:
    """Registers the certificate in `data` for the app. RegistrationError for no such app, and where two are live.

    CertificateError where the data is no certificate that may be (`certificates.read_certificate`).
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
        audit_log.append(transaction, entry(app, Action.CertificateAdded, now, by, about_certificate(new)))
    return app, new


def end_certificate(store: Store, client_id: str, named: str, *, by: Actor = ITSELF) -> tuple[App, AppCertificate]:
    """Takes the app's certificate whose thumbprint begins with `named` out of use. RegistrationError for none."""
    now = store.clock()
    with store.writing() as transaction:
        app = _app(transaction, client_id)
        there = [one for one in credentials.certificates_of(transaction, client_id) if not one.ended]
        prefix = named.replace(":", "").lower()
        found = _only([one for one in there if one.thumbprint.startswith(prefix)], named, "certificate")
        credentials.end_certificate(transaction, client_id, found.thumbprint, now)
        audit_log.append(transaction, entry(app, Action.CertificateEnded, now, by, {"thumbprint": found.thumbprint}))
    return app, found


def live_secrets(app: App, now: int) -> list[AppSecret]:
    """Those that somebody may sign in with at `now`, oldest first."""
    return [one for one in app.secrets if now < one.expires]


def secret_id(secret: AppSecret) -> str:
    """What names a secret to people. It is of no use to guess the secret: the hash is of 256 random bits."""
    return secret.secret_hash[:ID_DIGITS]


def ending_soon(app: App, kept: Sequence[AppCertificate], now: int) -> list[tuple[str, int]]:
    """Names and ends (ticks) of the app's proofs, where the last of them ends within `WARN_DAYS`, or has ended.

    Where another lasts longer, a rotation is on its way: only what ends and is still used is warned of, which is what
    was used within a day of the last use of those that last, or after it.
    """
    proofs: list[tuple[str, AppSecret | AppCertificate]] = [(f"secret {secret_id(one)}", one) for one in app.secrets]
    proofs += [(f"certificate {one.thumbprint[:ID_DIGITS]}", one) for one in kept if not one.ended]
    if app.revoked or not proofs:
        return []
    lasting = [one.last_used for _, one in proofs if lasts(one, now)]
    if lasting:
        used = max(1, max(lasting) - ticks.PER_DAY)
        return [
            (name, one.expires)
            for name, one in proofs
            if not lasts(one, now) and now < one.expires and one.last_used >= used
        ]
    last = max(one.expires for _, one in proofs)
    return [(name, one.expires) for name, one in proofs if one.expires > now or one.expires == last]


def lasts(kept: AppSecret | AppCertificate, now: int) -> bool:
    """Whether it is good for more than `WARN_DAYS` yet."""
    return kept.expires > now + WARN_DAYS * ticks.PER_DAY


def to_warn_of(store: Store) -> list[tuple[str, int]]:
    """What the log is to warn of today: each app whose last proof ends soon, with its name, and when (ticks).

    Whoever of all workers asks first in a day is told; to the others there is nothing to say.
    """
    if not leases.acquire(store, _WARNING, 86_400):
        return []
    now = store.clock()
    with store.reading() as transaction:
        apps, kept = registry.list_apps(transaction), credentials.all_certificates(transaction)
    return [
        (f"{app.name} ({app.client_id})", max(ends for _, ends in ending))
        for app in apps
        if (ending := ending_soon(app, kept.get(app.client_id, ()), now))
    ]


def _app(transaction: Transaction, client_id: str) -> App:
    """The app, which nobody else changes until the transaction ends."""
    locks.lock(transaction, locks.REGISTRY)
    app = registry.find_app(transaction, client_id)
    if app is None or app.revoked:
        raise RegistrationError("there is no such app registration, or it was revoked")
    return app


def _only(found: Sequence[T], named: str, what: str) -> T:
    """The one that was found."""
    if len(found) != 1 or not named:
        raise RegistrationError(
            f"this app has {f'more than one {what}' if found else f'no {what}'} whose ID begins with {named!r}; "
            "`jobreport app show` lists them"
        )
    return found[0]


def _secret_added(app: App, secret: AppSecret, by: Actor) -> AuditEntry:
    return entry(app, Action.SecretAdded, secret.created, by, _about(secret, secret.expires))


def _secret_ended(app: App, secret: AppSecret, ends: int, now: int, by: Actor) -> AuditEntry:
    return entry(app, Action.SecretEnded, now, by, _about(secret, ends))


def _about(secret: AppSecret, expires: int) -> Detail:
    return {"secret": secret_id(secret), "expires": ticks.to_iso(expires, digits=0)}
