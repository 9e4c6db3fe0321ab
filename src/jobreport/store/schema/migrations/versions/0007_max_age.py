"""Adds to tenants how old the last good copy may become before somebody has to look."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Adds the column. Nothing is agreed for the tenants that there are, so the default goes on."""
    op.add_column("tenant", sa.Column("max_age", sa.BigInteger))
