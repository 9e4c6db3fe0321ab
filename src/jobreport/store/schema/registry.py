"""The tables of the registry: tenants, app registrations and what they sign in with, signing keys. Times are ticks."""

from typing import Final

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, LargeBinary, Table, Text, false

from jobreport.store.db.definitions import CLUSTERED, CodePointText
from jobreport.store.schema.metadata import shared

tenant: Final = Table(
    "tenant",
    shared,
    Column("tenant", Integer, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False, unique=True),
    Column("created", BigInteger, nullable=False),
    # Since when nobody may ask or report; none while all is well.
    Column("suspended", BigInteger),
    # Since when nobody can ask for it, and from when it may be purged.
    Column("deleted", BigInteger),
    Column("purge_after", BigInteger),
    # When it was purged. The row stays: no other tenant gets its number, and the audit log has a name for it.
    Column("purged", BigInteger),
)

app: Final = Table(
    "app",
    shared,
    Column("client_id", CodePointText, primary_key=True),
    # The tenant it belongs to. It may ask for this one, unless it is a provider's app.
    Column("tenant", Integer, nullable=False),
    Column("name", Text, nullable=False),
    # Permissions, separated by spaces.
    Column("permissions", Text, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("revoked", BigInteger),
    # A provider's app that may ask for every tenant there is, and for those to come.
    Column("all_tenants", Boolean, nullable=False, server_default=false()),
)

app_tenant: Final = Table(
    "app_tenant",
    shared,
    # The tenants that a provider's app may ask for, one at a time; its own only where it is among them.
    Column("client_id", CodePointText, primary_key=True),
    Column("tenant", Integer, primary_key=True, autoincrement=False),
    **CLUSTERED,
)

app_secret: Final = Table(
    "app_secret",
    shared,
    Column("client_id", CodePointText, ForeignKey("app.client_id"), primary_key=True),
    Column("secret_hash", Text, primary_key=True),
    Column("created", BigInteger, nullable=False),
    Column("expires", BigInteger, nullable=False),
    # Up to some minutes late: a sign-in does not wait for the disk.
    Column("last_used", BigInteger),
)

app_certificate: Final = Table(
    "app_certificate",
    shared,
    Column("client_id", CodePointText, primary_key=True),
    # SHA-256 of the certificate, in lower-case hexadecimal digits.
    Column("thumbprint", CodePointText, primary_key=True),
    # X.509, DER.
    Column("certificate", LargeBinary, nullable=False),
    Column("subject", Text, nullable=False),
    Column("not_before", BigInteger, nullable=False),
    Column("expires", BigInteger, nullable=False),
    Column("created", BigInteger, nullable=False),
    # From when it no longer counts, where it was taken out of use before it expired.
    Column("ended", BigInteger),
    Column("last_used", BigInteger),
)

assertion: Final = Table(
    "assertion",
    shared,
    # A client assertion that was used, so that nobody uses it again before it expires (RFC 7523 §3).
    Column("client_id", CodePointText, primary_key=True),
    # SHA-256 of its `jti`, which may be long.
    Column("digest", LargeBinary, primary_key=True),
    Column("expires", BigInteger, nullable=False),
    Index("assertion_expires", "expires"),
    **CLUSTERED,
)

signing_key: Final = Table(
    "signing_key",
    shared,
    Column("kid", Text, primary_key=True),
    # The private key as a JWK: JSON, or a JWE that holds it.
    Column("jwk", Text, nullable=False),
    Column("created", BigInteger, nullable=False),
    # Since when nothing is signed with it; what it signed before is good for as long as it says.
    Column("retired", BigInteger),
)
