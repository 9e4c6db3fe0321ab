"""Adds to the kept counts of a day a number that changes with its jobs, so that what was read of them is remembered."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Adds the column. The days that there are have changed as often as each other: once."""
    op.add_column("job_count", sa.Column("changes", sa.BigInteger, nullable=False, server_default=sa.text("0")))
    op.execute("UPDATE job_count SET changes = 1 WHERE service = -1 AND type = -1 AND state = -1")
