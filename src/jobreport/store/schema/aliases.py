"""The table of further IDs of jobs: those under which others tell of them, by a reference."""

from typing import Final

from sqlalchemy import Column, Index, Integer, Table

from jobreport.store.db.definitions import CLUSTERED, CodePointText
from jobreport.store.schema.metadata import shared

job_alias: Final = Table(
    "job_alias",
    shared,
    Column("tenant", Integer, primary_key=True, autoincrement=False),
    # No job has this ID.
    Column("alias", CodePointText, primary_key=True),
    # The job that is meant.
    Column("job_id", CodePointText, nullable=False),
    Index("job_alias_job", "tenant", "job_id"),
    **CLUSTERED,
)
