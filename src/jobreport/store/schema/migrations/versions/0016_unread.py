"""Adds what came to an inbox and could not be read."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Creates the table. No row is changed."""
    key = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    op.create_table(
        "inbox_unread",
        sa.Column("tenant", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("unread", key, primary_key=True),
        sa.Column("inbox", key, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("form", sa.Text, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("about", sa.Text, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("times", sa.BigInteger, nullable=False),
        sa.Column("received", sa.BigInteger, nullable=False),
        sa.Column("last", sa.BigInteger, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("inbox_unread_digest", "inbox_unread", ["tenant", "inbox", "digest"], unique=True)
