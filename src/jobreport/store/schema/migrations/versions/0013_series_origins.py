"""Adds an index by which the series of an origin are found and counted together with their states."""

from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Creates the index, and drops the one of origins alone. No row is changed."""
    columns = ["tenant", "origin", "ended_state", "service", "type", "series"]
    op.create_index("series_origin", "series", columns)
    op.drop_index("series_text_origin", "series_text")
