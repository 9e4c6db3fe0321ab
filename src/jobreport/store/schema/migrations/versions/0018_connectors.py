"""Adds connectors: how far each stream of an origin has been read, what is unfinished there, and holes."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """Creates the tables. No row is changed."""
    key = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")

    def whose(*names: str) -> list[sa.Column[str] | sa.Column[int]]:
        return [
            sa.Column("tenant", sa.Integer, primary_key=True, autoincrement=False),
            *(sa.Column(name, key, primary_key=True) for name in ("connector", *names)),
        ]

    def times(*names: str) -> list[sa.Column[int]]:
        return [sa.Column(name, sa.BigInteger, nullable=False) for name in names]

    op.create_table(
        "connector",
        *whose(),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("every", sa.Integer, nullable=False),
        *times("begun"),
        sa.Column("error", sa.Text, nullable=False),
        sa.Column("holder", key, nullable=False),
        *times("held"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "connector_stream",
        *whose("stream"),
        sa.Column("sees", sa.Text, nullable=False),
        *times("remembers", "added"),
        sa.Column("state", sa.Text, nullable=False),
        *times("watermark", "looked", "tried", "newest", "failing"),
        sa.Column("error", sa.Text, nullable=False),
        *times("jobs"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "connector_job",
        *whose("stream", "job_id"),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        *times("changed"),
        sa.Column("presumed", sa.Boolean, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "connector_hole",
        *whose("stream"),
        sa.Column("begins", sa.BigInteger, primary_key=True, autoincrement=False),
        *times("ends", "found"),
        sqlite_with_rowid=False,
    )
