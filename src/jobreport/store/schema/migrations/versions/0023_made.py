"""Adds the short name of what a run made, by which what came of it is found to be the same backup."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    """Adds the column and its index. No job has such a name yet, so no row is changed."""
    op.add_column("job", sa.Column("made", sa.Text().with_variant(sa.Text(collation="C"), "postgresql")))
    there = sa.text("made IS NOT NULL")
    columns = ["tenant", "made", "filed", "reference"]
    op.create_index("job_made", "job", columns, sqlite_where=there, postgresql_where=there)
