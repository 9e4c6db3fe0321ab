"""Adds indexes of the jobs that have comments, and of those with failed objects; and case-folded comments."""

from itertools import islice
from typing import Any

import sqlalchemy as sa
from alembic import op

from jobreport.store.db import dialect_of

revision = "0004"
down_revision = "0003"

_BATCH = 1000


def upgrade() -> None:
    """Adds the column for folded comments, fills it if the comments are not ASCII, and creates the indexes."""
    connection = op.get_bind()
    op.add_column("job", sa.Column("folded_comments", sa.Text))
    _fold(connection)
    for name, condition, more in (("job_commented", "comments <> ''", []), ("job_failing", "failed > 0", ["failed"])):
        where = sa.text(condition)
        columns = ["tenant", "filed", "job_id", "service", "type", "state", "subject", *more]
        op.create_index(name, "job", columns, sqlite_where=where, postgresql_where=where)


def _fold(connection: sa.Connection) -> None:
    size = "length(CAST(comments AS BLOB))" if dialect_of(connection).has_row_numbers else "octet_length(comments)"
    special = sa.text(f"SELECT tenant, job_id, comments FROM job WHERE {size} <> length(comments)")  # noqa: S608 - constants
    # All rows are read before any is written, so that no changed row is read a second time.
    rows: Any = iter(connection.execute(special).all())
    folding = sa.text("UPDATE job SET folded_comments = :folded WHERE tenant = :tenant AND job_id = :job_id")
    while batch := list(islice(rows, _BATCH)):
        folded = [{"tenant": row.tenant, "job_id": row.job_id, "folded": row.comments.casefold()} for row in batch]
        connection.execute(folding, folded)
