"""Credentials of apps in the store: certificates, the end and the last use of secrets, and used assertions.

An assertion is a JWT that an app signs to prove that it has the key of its certificate. Each may be used only once.
"""

import msgspec
from sqlalchemy import Connection, delete, insert, select, update

from jobreport.store.db import dialect_of
from jobreport.store.schema.registry import app_certificate, app_secret, assertion
from jobreport.store.schema.rows import storable


class AppCertificate(msgspec.Struct, frozen=True, kw_only=True):
    """A certificate (X.509, DER) of an app. `thumbprint` is its SHA-256 in hexadecimal digits. Times are ticks.

    `ended` is the time when somebody took it out of use; 0 if nobody did. `last_used` is 0 if it was never used.
    """

    thumbprint: str
    certificate: bytes
    subject: str
    not_before: int
    expires: int
    created: int
    ended: int = 0
    last_used: int = 0

    def is_live(self, now: int) -> bool:
        """Whether the app may sign in with it at `now` (ticks)."""
        return not self.ended and now < self.expires


def end_secret(connection: Connection, client_id: str, secret_hash: str, at: int) -> None:
    """Makes the secret expire at `at` (ticks)."""
    connection.execute(
        update(app_secret)
        .where(app_secret.c.client_id == client_id, app_secret.c.secret_hash == secret_hash)
        .values(expires=at)
    )


def secret_used(connection: Connection, client_id: str, secret_hash: str, at: int) -> None:
    """Records that the app signed in with the secret at `at` (ticks)."""
    connection.execute(
        update(app_secret)
        .where(app_secret.c.client_id == client_id, app_secret.c.secret_hash == secret_hash)
        .values(last_used=at)
    )


def certificates_of(connection: Connection, client_id: str) -> tuple[AppCertificate, ...]:
    """Returns all certificates of the app, also those taken out of use; oldest first."""
    if not storable(client_id):
        return ()
    return all_certificates(connection, client_id).get(client_id, ())


def all_certificates(connection: Connection, client_id: str | None = None) -> dict[str, tuple[AppCertificate, ...]]:
    """Returns the certificates of all apps, or of one app, by client ID; oldest first.

    Apps without a certificate are left out.
    """
    statement = select(app_certificate).order_by(app_certificate.c.created, app_certificate.c.thumbprint)
    if client_id is not None:
        statement = statement.where(app_certificate.c.client_id == client_id)
    by_app: dict[str, tuple[AppCertificate, ...]] = {}
    for row in connection.execute(statement):
        kept = AppCertificate(
            thumbprint=row.thumbprint,
            certificate=bytes(row.certificate),
            subject=row.subject,
            not_before=row.not_before,
            expires=row.expires,
            created=row.created,
            ended=row.ended or 0,
            last_used=row.last_used or 0,
        )
        by_app[row.client_id] = (*by_app.get(row.client_id, ()), kept)
    return by_app


def add_certificate(connection: Connection, client_id: str, new: AppCertificate) -> None:
    """Adds a certificate. If it was taken out of use before, it is valid again, as if it had never been used."""
    connection.execute(
        delete(app_certificate).where(
            app_certificate.c.client_id == client_id, app_certificate.c.thumbprint == new.thumbprint
        )
    )
    values = msgspec.structs.asdict(new) | {"ended": None, "last_used": None}
    connection.execute(insert(app_certificate).values(client_id=client_id, **values))


def end_certificate(connection: Connection, client_id: str, thumbprint: str, at: int) -> None:
    """Takes the certificate out of use, and records `at` (ticks) as the time."""
    connection.execute(
        update(app_certificate)
        .where(app_certificate.c.client_id == client_id, app_certificate.c.thumbprint == thumbprint)
        .values(ended=at)
    )


def certificate_used(connection: Connection, client_id: str, thumbprint: str, at: int) -> None:
    """Records that the app signed in with the certificate at `at` (ticks)."""
    connection.execute(
        update(app_certificate)
        .where(app_certificate.c.client_id == client_id, app_certificate.c.thumbprint == thumbprint)
        .values(last_used=at)
    )


def use_once(connection: Connection, client_id: str, digest: bytes, expires: int, now: int) -> bool:
    """Marks an assertion of the app as used, or what else counts once. Returns False if it was used before: a replay
    (RFC 7523 §3, RFC 7519 §4.1.7).

    `digest` is the SHA-256 of its `jti`. The mark is deleted after `expires` (ticks): then the assertion has expired.
    """
    connection.execute(delete(assertion).where(assertion.c.expires <= now))
    values = {"client_id": client_id, "digest": digest, "expires": expires}
    # If two transactions try this at the same time, even in two processes, only one of them inserts the row.
    new = dialect_of(connection).insert_or_ignore(assertion).returning(assertion.c.digest)
    return connection.execute(new, values).first() is not None
