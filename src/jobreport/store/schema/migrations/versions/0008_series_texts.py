"""Adds the texts by which series are found. `store.backfill` fills them from the series."""

import sqlalchemy as sa
from alembic import op

from jobreport.store.db import dialect_of

revision = "0008"
down_revision = "0007"

_KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Creates the table and its indexes."""
    connection = op.get_bind()
    op.create_table(
        "series_text",
        sa.Column("tenant", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("series", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("resource", _KEY, nullable=False),
        sa.Column("origin", _KEY, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("series_text_resource", "series_text", ["tenant", "resource", "series"])
    op.create_index("series_text_origin", "series_text", ["tenant", "origin", "series"])
    where = sa.text("jobs = 0")
    op.create_index("series_empty", "series", ["tenant", "series"], sqlite_where=where, postgresql_where=where)
    if dialect_of(connection).has_trigram_index:
        op.execute("CREATE INDEX series_gram ON series_text USING gin (text gin_trgm_ops)")
    else:
        op.execute(
            "CREATE VIRTUAL TABLE series_gram USING fts5(text, content='', detail=none, columnsize=0, tokenize='ascii')"
        )
    # A store whose upgrade to the version before was broken off comes to this step by itself.
    waiting = connection.execute(sa.text("SELECT 1 FROM backfill")).first()
    if not waiting and connection.execute(sa.text("SELECT 1 FROM series LIMIT 1")).first():
        op.execute("INSERT INTO backfill (step, tenant, position) VALUES ('texts of series', 0, 0)")
