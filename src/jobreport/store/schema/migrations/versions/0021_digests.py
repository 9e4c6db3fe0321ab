"""Adds until when each digest was made."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    """Creates the table. No row is changed."""
    op.create_table(
        "digest",
        sa.Column("tenant", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("digest", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), primary_key=True),
        sa.Column("made", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
