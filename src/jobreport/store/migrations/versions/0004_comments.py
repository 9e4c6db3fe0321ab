"""Comments can be searched: folded where they are not ASCII alone, and an index of the jobs that have some."""

from itertools import islice
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_BATCH = 1000


def upgrade() -> None:
    """Adds the column, folds the comments that need it, and makes the index."""
    connection = op.get_bind()
    op.add_column("job", sa.Column("folded_comments", sa.Text))
    _fold(connection)
    some = sa.text("comments <> ''")
    columns = ["tenant", "filed", "job_id", "service", "type", "state", "subject"]
    op.create_index("job_commented", "job", columns, sqlite_where=some, postgresql_where=some)


def _fold(connection: sa.Connection) -> None:
    size = "length(CAST(comments AS BLOB))" if connection.dialect.name == "sqlite" else "octet_length(comments)"
    special = sa.text(f"SELECT tenant, job_id, comments FROM job WHERE {size} <> length(comments)")  # noqa: S608 - constants
    # All are read before any is written: a row that moves must not be met again.
    rows: Any = iter(connection.execute(special).all())
    folding = sa.text("UPDATE job SET folded_comments = :folded WHERE tenant = :tenant AND job_id = :job_id")
    while batch := list(islice(rows, _BATCH)):
        folded = [{"tenant": row.tenant, "job_id": row.job_id, "folded": row.comments.casefold()} for row in batch]
        connection.execute(folding, folded)
