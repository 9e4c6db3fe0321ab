"""Adds messages that are to be delivered."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    """Creates the table. No row is changed."""
    key = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    op.create_table(
        "delivery",
        sa.Column("tenant", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("message", key, primary_key=True),
        sa.Column("channel", key, primary_key=True),
        sa.Column("incident", key, nullable=False),
        sa.Column("added", sa.BigInteger, nullable=False),
        sa.Column("state", key, nullable=False),
        sa.Column("due", sa.BigInteger, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("tried", sa.BigInteger, nullable=False),
        sa.Column("error", sa.Text, nullable=False),
        sa.Column("reached", sa.Text, nullable=False),
        sa.Column("holder", key, nullable=False),
        sa.Column("held", sa.BigInteger, nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("delivery_due", "delivery", ["state", "channel", "due", "tenant", "message", "added"])
    op.create_index(
        "delivery_waiting",
        "delivery",
        ["tenant", "channel", "incident", "added"],
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )
