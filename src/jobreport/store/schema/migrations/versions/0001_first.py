"""The first schema: tenants, jobs with their counts and versions, app registrations, signing keys."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Creates all tables."""
    op.create_table(
        "tenant",
        sa.Column("tenant", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("name", sa.Text, nullable=False, unique=True),
        sa.Column("created", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "job",
        sa.Column("tenant", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("job_id", _KEY, primary_key=True),
        sa.Column("filed", sa.BigInteger, nullable=False),
        sa.Column("service", sa.Integer, nullable=False),
        sa.Column("type", sa.Integer, nullable=False),
        sa.Column("state", sa.SmallInteger, nullable=False),
        sa.Column("start", sa.BigInteger, nullable=False),
        sa.Column("finish", sa.BigInteger, nullable=False),
        sa.Column("failed", sa.Integer, nullable=False),
        sa.Column("successful", sa.Integer, nullable=False),
        sa.Column("skipped", sa.Integer, nullable=False),
        sa.Column("total", sa.Integer, nullable=False),
        sa.Column("comments", sa.Text, nullable=False),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("plan", sa.Text, nullable=False),
        sa.Column("resource", sa.Text, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("origin", sa.Text, nullable=False),
        sa.Column("observed", sa.BigInteger, nullable=False),
        sa.Column("heartbeat", sa.Integer, nullable=False),
        sa.Column("received", sa.BigInteger, nullable=False),
        sa.Column("heard", sa.BigInteger, nullable=False),
        sa.Column("deadline", sa.BigInteger),
        sa.Column("presumed", sa.Boolean, nullable=False),
        sa.Column("app", sa.Text, nullable=False),
        sa.Column("folded", sa.Text, nullable=False),
        sa.Column("raw", sa.Text, nullable=False),
    )
    op.create_index("job_filed", "job", ["tenant", "filed", "job_id"])
    op.create_index("job_service_type", "job", ["tenant", "service", "type", "filed", "job_id"])
    waiting = sa.text("deadline IS NOT NULL")
    op.create_index("job_deadline", "job", ["deadline"], sqlite_where=waiting, postgresql_where=waiting)
    op.create_table(
        "job_count",
        sa.Column("tenant", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("service", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("type", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("state", sa.SmallInteger, primary_key=True, autoincrement=False),
        sa.Column("day", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("jobs", sa.Integer, nullable=False),
    )
    op.create_table(
        "job_version",
        sa.Column("tenant", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("job_id", _KEY, primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("replaced", sa.BigInteger, nullable=False),
        sa.Column("presumed", sa.Boolean, nullable=False),
        sa.Column("job", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "app",
        sa.Column("client_id", _KEY, primary_key=True),
        sa.Column("tenant", sa.Integer, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("permissions", sa.Text, nullable=False),
        sa.Column("created", sa.BigInteger, nullable=False),
        sa.Column("revoked", sa.BigInteger),
    )
    op.create_table(
        "app_secret",
        sa.Column("client_id", _KEY, sa.ForeignKey("app.client_id"), primary_key=True),
        sa.Column("secret_hash", sa.Text, primary_key=True),
        sa.Column("created", sa.BigInteger, nullable=False),
        sa.Column("expires", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "signing_key",
        sa.Column("kid", sa.Text, primary_key=True),
        sa.Column("jwk", sa.Text, nullable=False),
        sa.Column("created", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "pulse",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("ticks", sa.BigInteger, nullable=False),
    )
