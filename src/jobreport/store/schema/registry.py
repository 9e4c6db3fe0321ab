"""The tables of the registry: tenants, app registrations and their credentials, signing keys. Times are ticks."""

from typing import Final

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, LargeBinary, Table, Text, false, true

from jobreport.store.db.definitions import CLUSTERED, CodePointText
from jobreport.store.schema.metadata import shared

tenant: Final = Table(
    "tenant",
    shared,
    Column("tenant", Integer, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False, unique=True),
    Column("created", BigInteger, nullable=False),
    # Since this time no app may read or report jobs. NULL: the tenant is not suspended.
    Column("suspended", BigInteger),
    # When the tenant was deleted, and from when on it may be purged.
    Column("deleted", BigInteger),
    Column("purge_after", BigInteger),
    # When its purge began. The row stays, so that no other tenant gets its number and the audit log can show a name.
    Column("purged", BigInteger),
    # Whether a job that finished with exceptions leaves a good copy (`model.series`).
    Column("exceptions_good", Boolean, nullable=False, server_default=false()),
    # The IANA name of its time zone, and the minute of the local day at which its night begins.
    Column("zone", Text, nullable=False, server_default="UTC"),
    Column("night", Integer, nullable=False, server_default="1080"),
    # Whether a job is written for a run that did not start.
    Column("missed_jobs", Boolean, nullable=False, server_default=true()),
    # What is expected of its series: JSON, `model.expectation.Expectation`. NULL: nothing.
    Column("expectations", Text),
)

app: Final = Table(
    "app",
    shared,
    Column("client_id", CodePointText, primary_key=True),
    # The tenant to which the app belongs. The app may access it, unless it is a provider's app.
    Column("tenant", Integer, nullable=False),
    Column("name", Text, nullable=False),
    # Permissions, separated by spaces.
    Column("permissions", Text, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("revoked", BigInteger),
    # True: a provider's app that may access all tenants, also those that are created later.
    Column("all_tenants", Boolean, nullable=False, server_default=false()),
)

app_tenant: Final = Table(
    "app_tenant",
    shared,
    # The tenants that a provider's app may access. Its own tenant is not included unless it is listed here.
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
    # This may be some minutes late, since a sign-in does not wait for it to be written.
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
    # When it was taken out of use before it expired; otherwise NULL.
    Column("ended", BigInteger),
    Column("last_used", BigInteger),
)

assertion: Final = Table(
    "assertion",
    shared,
    # What was used and counts once until it expires: a client assertion (RFC 7523 §3), or
    # the state of a sign-in by a provider, with `operators` as the client.
    Column("client_id", CodePointText, primary_key=True),
    # SHA-256 of its `jti`, which may be long; or of the state.
    Column("digest", LargeBinary, primary_key=True),
    Column("expires", BigInteger, nullable=False),
    Index("assertion_expires", "expires"),
    **CLUSTERED,
)

signing_key: Final = Table(
    "signing_key",
    shared,
    Column("kid", Text, primary_key=True),
    # The private key as a JWK: JSON, or a JWE that contains this JSON.
    Column("jwk", Text, nullable=False),
    Column("created", BigInteger, nullable=False),
    # Since this time nothing is signed with it. Tokens that it signed before stay valid until they expire.
    Column("retired", BigInteger),
)
