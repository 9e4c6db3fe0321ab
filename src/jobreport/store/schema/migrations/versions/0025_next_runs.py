"""Adds when the schedulers of origins say that runs begin next."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    """Creates the table. The next look of each connector fills it."""

    def text() -> sa.types.TypeEngine[str]:
        return sa.Text().with_variant(sa.Text(collation="C"), "postgresql")

    op.create_table(
        "connector_next_run",
        sa.Column("tenant", sa.Integer, primary_key=True, autoincrement=False),
        *(sa.Column(name, text(), primary_key=True) for name in ("connector", "stream", "plan")),
        sa.Column("due", sa.BigInteger, primary_key=True, autoincrement=False),
        sqlite_with_rowid=False,
    )
