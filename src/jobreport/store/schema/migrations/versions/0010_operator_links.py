"""Adds links by which an operator signs in once."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Creates the table. No row is changed."""
    op.create_table(
        "operator_link",
        sa.Column("token", sa.LargeBinary, primary_key=True),
        sa.Column("operator", sa.Integer, nullable=False),
        sa.Column("expires", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
