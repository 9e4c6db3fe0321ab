"""Adds inboxes: addresses that anything can ping."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Creates the tables. No row is changed."""
    key = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    op.create_table(
        "inbox",
        sa.Column("inbox", key, primary_key=True),
        sa.Column("tenant", sa.Integer, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("slug", key, nullable=False),
        sa.Column("address", sa.LargeBinary, nullable=False, unique=True),
        sa.Column("sealed", sa.LargeBinary),
        sa.Column("plan", sa.Text, nullable=False),
        sa.Column("service", sa.Integer, nullable=False),
        sa.Column("type", sa.Integer, nullable=False),
        sa.Column("resource", sa.Text, nullable=False),
        sa.Column("tool", sa.Text, nullable=False),
        sa.Column("longest", sa.Integer, nullable=False),
        sa.Column("created", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("inbox_slug", "inbox", ["tenant", "slug"], unique=True)
    op.create_table(
        "ping_key",
        sa.Column("digest", sa.LargeBinary, primary_key=True),
        sa.Column("tenant", sa.Integer, nullable=False, unique=True),
        sa.Column("sealed", sa.LargeBinary),
        sa.Column("created", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "inbox_state",
        sa.Column("tenant", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("inbox", key, primary_key=True),
        sa.Column("run", key, nullable=False),
        sa.Column("pings", sa.BigInteger, nullable=False),
        sa.Column("last", sa.BigInteger, nullable=False),
        sa.Column("started", sa.BigInteger, nullable=False),
        sa.Column("unstarted", sa.BigInteger, nullable=False),
        sa.Column("log", sa.Text, nullable=False),
        sqlite_with_rowid=False,
    )
