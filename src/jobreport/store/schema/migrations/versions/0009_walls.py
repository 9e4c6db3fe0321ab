"""Adds walls: screens that show the overview of a tenant to whoever passes by."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Creates the table. No row is changed."""
    op.create_table(
        "wall",
        sa.Column("token", sa.LargeBinary, primary_key=True),
        sa.Column("tenant", sa.Integer, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("created", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
