"""Adds references to jobs, by which all who tell of one backup tell of one job, and what their tellers look at."""

import sqlalchemy as sa
from alembic import op

from jobreport.store.db import dialect_of

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Adds the columns, their indexes and the table. No job has a reference yet, so no row is changed."""
    text = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    op.add_column("job", sa.Column("reference", text))
    op.add_column("job", sa.Column("sees", sa.SmallInteger, nullable=False, server_default="0"))
    there = sa.text("reference IS NOT NULL")
    op.create_index(
        "job_reference", "job", ["tenant", "reference"], unique=True, sqlite_where=there, postgresql_where=there
    )
    if dialect_of(op.get_bind()).has_trigram_index:
        op.execute(
            "CREATE INDEX job_reference_gram ON job USING gin (lower(reference) gin_trgm_ops) WHERE reference <> job_id"
        )
    op.create_table(
        "job_alias",
        sa.Column("tenant", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("alias", text, primary_key=True),
        sa.Column("job_id", text, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("job_alias_job", "job_alias", ["tenant", "job_id"])
