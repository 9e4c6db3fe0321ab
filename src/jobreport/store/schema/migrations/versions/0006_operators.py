"""Adds operators, the people who sign in to the monitor: their accounts, sessions and failed sign-ins."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

_KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Creates the tables. No row is changed."""
    op.create_table(
        "operator",
        sa.Column("operator", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("folded", sa.Text, nullable=False, unique=True),
        sa.Column("role", sa.SmallInteger, nullable=False),
        sa.Column("password", sa.Text),
        sa.Column("created", sa.BigInteger, nullable=False),
        sa.Column("disabled", sa.BigInteger),
        sa.Column("all_tenants", sa.Boolean, nullable=False),
    )
    op.create_table(
        "operator_tenant",
        *(sa.Column(name, sa.Integer, primary_key=True, autoincrement=False) for name in ("operator", "tenant")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "operator_session",
        sa.Column("token", sa.LargeBinary, primary_key=True),
        sa.Column("operator", sa.Integer, nullable=False),
        *(sa.Column(name, sa.BigInteger, nullable=False) for name in ("created", "seen", "confirmed", "expires")),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("address", "agent")),
        sqlite_with_rowid=False,
    )
    op.create_index("operator_session_operator", "operator_session", ["operator"])
    op.create_index("operator_session_expires", "operator_session", ["expires"])
    op.create_table(
        "operator_failure",
        *(sa.Column(name, _KEY, primary_key=True) for name in ("name", "address")),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("last", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("operator_failure_last", "operator_failure", ["last"])
