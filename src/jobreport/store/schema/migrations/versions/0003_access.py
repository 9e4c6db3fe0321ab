"""Adds the end of tenants, providers' apps, certificates, retired keys, the audit log, and counts of sign-ins."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Adds columns and tables. No row is changed."""
    for name in ("suspended", "deleted", "purge_after", "purged"):
        op.add_column("tenant", sa.Column(name, sa.BigInteger))
    op.add_column("app", sa.Column("all_tenants", sa.Boolean, nullable=False, server_default=sa.false()))
    op.add_column("app_secret", sa.Column("last_used", sa.BigInteger))
    op.add_column("signing_key", sa.Column("retired", sa.BigInteger))
    _create_registry()
    _create_audit()
    _create_counts()


def _create_registry() -> None:
    # There are no foreign keys: on a Citus cluster a new table cannot refer to one that is already distributed.
    op.create_table(
        "app_tenant",
        sa.Column("client_id", _KEY, primary_key=True),
        sa.Column("tenant", sa.Integer, primary_key=True, autoincrement=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "app_certificate",
        sa.Column("client_id", _KEY, primary_key=True),
        sa.Column("thumbprint", _KEY, primary_key=True),
        sa.Column("certificate", sa.LargeBinary, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("not_before", sa.BigInteger, nullable=False),
        sa.Column("expires", sa.BigInteger, nullable=False),
        sa.Column("created", sa.BigInteger, nullable=False),
        sa.Column("ended", sa.BigInteger),
        sa.Column("last_used", sa.BigInteger),
    )
    op.create_table(
        "assertion",
        sa.Column("client_id", _KEY, primary_key=True),
        sa.Column("digest", sa.LargeBinary, primary_key=True),
        sa.Column("expires", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("assertion_expires", "assertion", ["expires"])


def _create_audit() -> None:
    op.create_table(
        "audit",
        sa.Column("tenant", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("target", sa.Text, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("request_id", sa.Text, nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("previous", sa.LargeBinary, nullable=False),
        sa.Column("hash", sa.LargeBinary, nullable=False),
    )
    op.create_index("audit_at", "audit", ["tenant", "at"])
    op.create_table(
        "audit_head",
        sa.Column("tenant", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("hash", sa.LargeBinary, nullable=False),
        sa.Column("sealed", sa.Integer, nullable=False),
        sa.Column("key_id", sa.Text),
        sa.Column("seal", sa.Text),
    )


def _create_counts() -> None:
    for name, time, numbers in (("sign_in", "hour", ("granted", "refused")), ("refusal", "minute", ("count",))):
        op.create_table(
            name,
            sa.Column("client", _KEY, primary_key=True),
            sa.Column("address", _KEY, primary_key=True),
            sa.Column(time, sa.Integer, primary_key=True, autoincrement=False),
            *(sa.Column(number, sa.Integer, nullable=False) for number in numbers),
            sqlite_with_rowid=False,
        )
        op.create_index(f"{name}_{time}", name, [time])
