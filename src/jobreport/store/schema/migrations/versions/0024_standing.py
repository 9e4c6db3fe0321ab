"""Adds to the verdict of each series how it counts, so that all pages and numbers follow from it."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    """Adds the columns. Every series is judged once after it, which fills them."""
    for name, kind in (
        ("run_due", sa.BigInteger),
        ("need", sa.SmallInteger),
        ("state", sa.SmallInteger),
        ("service", sa.Integer),
        ("place", sa.BigInteger),
        ("too_old", sa.BigInteger),
    ):
        op.add_column("series_verdict", sa.Column(name, kind, nullable=False, server_default="0"))
    op.add_column("missed_run", sa.Column("lost", sa.Boolean, nullable=False, server_default=sa.false()))
    for name, condition, columns in (
        ("series_verdict_need", "need > 0", ["tenant", "need", "place", "series", "state", "service"]),
        ("series_verdict_not_met", "verdict <> 'met'", ["tenant", "verdict"]),
        ("series_verdict_too_old", "too_old > 0", ["tenant", "too_old", "series"]),
    ):
        where = sa.text(condition)
        op.create_index(name, "series_verdict", columns, sqlite_where=where, postgresql_where=where)
    op.execute("UPDATE series SET judge_at = 0")
