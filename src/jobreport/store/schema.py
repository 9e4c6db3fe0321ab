"""The tables: every key of a tenant's data starts with the tenant, so that a cluster can be split by it."""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    text,
)

metadata: Final = MetaData()

# A key that is ordered by code point everywhere: SQLite compares bytes of itself, PostgreSQL asks a collation.
Key: Final = Text().with_variant(Text(collation="C"), "postgresql")

tenant: Final = Table(
    "tenant",
    metadata,
    Column("tenant", Integer, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False, unique=True),
    Column("created", BigInteger, nullable=False),
)

job: Final = Table(
    "job",
    metadata,
    Column("tenant", Integer, primary_key=True, autoincrement=False),
    Column("job_id", Key, primary_key=True),
    # What a report orders and filters by: the start, the due time, or the time of receipt.
    Column("filed", BigInteger, nullable=False),
    Column("service", Integer, nullable=False),
    Column("type", Integer, nullable=False),
    Column("state", SmallInteger, nullable=False),
    Column("start", BigInteger, nullable=False),
    Column("finish", BigInteger, nullable=False),
    Column("failed", Integer, nullable=False),
    Column("successful", Integer, nullable=False),
    Column("skipped", Integer, nullable=False),
    Column("total", Integer, nullable=False),
    Column("comments", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("plan", Text, nullable=False),
    Column("resource", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("origin", Text, nullable=False),
    Column("observed", BigInteger, nullable=False),
    Column("heartbeat", Integer, nullable=False),
    # Ticks: when it was first received, and when it was last heard of, by this service's clock.
    Column("received", BigInteger, nullable=False),
    Column("heard", BigInteger, nullable=False),
    # Ticks after which silence means failure; only where an unfinished job promised a heartbeat.
    Column("deadline", BigInteger),
    Column("presumed", Boolean, nullable=False),
    # The app registration that reported it first; empty for one written to the store directly.
    Column("app", Text, nullable=False),
    Column("folded", Text, nullable=False),
    Column("raw", Text, nullable=False),
    Index("job_filed", "tenant", "filed", "job_id"),
    Index("job_service_type", "tenant", "service", "type", "filed", "job_id"),
    Index(
        "job_deadline",
        "deadline",
        sqlite_where=text("deadline IS NOT NULL"),
        postgresql_where=text("deadline IS NOT NULL"),
    ),
)

job_count: Final = Table(
    "job_count",
    metadata,
    Column("tenant", Integer, primary_key=True, autoincrement=False),
    # Codes, or -1 for any.
    Column("service", Integer, primary_key=True, autoincrement=False),
    Column("type", Integer, primary_key=True, autoincrement=False),
    Column("state", SmallInteger, primary_key=True, autoincrement=False),
    # The UTC day under which the jobs are filed, counted from year 1.
    Column("day", Integer, primary_key=True, autoincrement=False),
    Column("jobs", Integer, nullable=False),
)

job_version: Final = Table(
    "job_version",
    metadata,
    Column("tenant", Integer, primary_key=True, autoincrement=False),
    Column("job_id", Key, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("replaced", BigInteger, nullable=False),
    Column("presumed", Boolean, nullable=False),
    # The job as it was, in MessagePack: it is only ever shown whole.
    Column("job", LargeBinary, nullable=False),
)

app: Final = Table(
    "app",
    metadata,
    Column("client_id", Key, primary_key=True),
    Column("tenant", Integer, nullable=False),
    Column("name", Text, nullable=False),
    # Permissions, separated by spaces.
    Column("permissions", Text, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("revoked", BigInteger),
)

app_secret: Final = Table(
    "app_secret",
    metadata,
    Column("client_id", Key, ForeignKey("app.client_id"), primary_key=True),
    Column("secret_hash", Text, primary_key=True),
    Column("created", BigInteger, nullable=False),
    Column("expires", BigInteger, nullable=False),
)

signing_key: Final = Table(
    "signing_key",
    metadata,
    Column("kid", Text, primary_key=True),
    # The private key as a JWK, JSON.
    Column("jwk", Text, nullable=False),
    Column("created", BigInteger, nullable=False),
)

pulse: Final = Table(
    "pulse",
    metadata,
    Column("name", Text, primary_key=True),
    Column("ticks", BigInteger, nullable=False),
)
