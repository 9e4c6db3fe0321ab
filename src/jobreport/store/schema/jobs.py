"""The tables of jobs, and with them the whole schema.

Every key of a tenant's data starts with the tenant, so that Citus can split the tables by tenant.

In a file (tables of `embedded`) each job also has a number, by which the index of parts of job IDs names it
(`store.derived.trigrams`). Statements are built on the tables of `shared` and are right for both.
"""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    func,
)
from sqlalchemy.sql.schema import SchemaItem

from jobreport.store.db import Dialect
from jobreport.store.db.definitions import CLUSTERED, CodePointText, partial_index, trigram_index

# Their tables belong to the same schema, whoever asks for it.
from jobreport.store.schema import audit, registry  # noqa: F401 - makes their tables
from jobreport.store.schema.metadata import embedded, shared

subject: Final = Table(
    "subject",
    shared,
    # What a job is about repeats night after night, so it is kept once, under a number.
    Column("tenant", Integer, primary_key=True, autoincrement=False),
    Column("subject", Integer, primary_key=True, autoincrement=False),
    # Of the four texts below: they are too long for a key.
    Column("digest", LargeBinary, nullable=False),
    Column("description", Text, nullable=False),
    Column("plan", Text, nullable=False),
    Column("resource", Text, nullable=False),
    Column("origin", Text, nullable=False),
    # The description as a search looks into it.
    Column("folded", Text, nullable=False),
    Index("subject_digest", "tenant", "digest", unique=True),
    **CLUSTERED,
)


_REPORTED: Final = ("filed", "job_id", "service", "type", "state", "subject")
"""What an index needs to answer a filter by itself, in the order of the report."""


def _job_columns(*, key: bool) -> tuple[SchemaItem, ...]:
    """The columns and indexes of a job; `key`: whether tenant and job ID are the primary key."""
    return (
        Column("tenant", Integer, primary_key=key, autoincrement=False, nullable=False),
        Column("job_id", CodePointText, primary_key=key, nullable=False),
        # What a report orders and filters by: the start, the due time, or the time of receipt.
        Column("filed", BigInteger, nullable=False),
        Column("service", Integer, nullable=False),
        Column("type", Integer, nullable=False),
        Column("state", SmallInteger, nullable=False),
        Column("subject", Integer, nullable=False),
        Column("start", BigInteger, nullable=False),
        Column("finish", BigInteger, nullable=False),
        Column("failed", Integer, nullable=False),
        Column("successful", Integer, nullable=False),
        Column("skipped", Integer, nullable=False),
        Column("total", Integer, nullable=False),
        Column("comments", Text, nullable=False),
        Column("size", BigInteger, nullable=False),
        Column("observed", BigInteger, nullable=False),
        Column("heartbeat", Integer, nullable=False),
        # Ticks: when it was first received, and when it was last heard of, by this service's clock.
        Column("received", BigInteger, nullable=False),
        Column("heard", BigInteger, nullable=False),
        # Ticks after which silence means failure; only where an unfinished job promised a heartbeat.
        Column("deadline", BigInteger),
        Column("presumed", Boolean, nullable=False),
        # The app registration that reported it first; empty for one written to the store directly.
        Column("app", Text, nullable=False),
        # The job ID as a search looks into it, where that is not just its ASCII letters in lower case.
        Column("folded_id", Text),
        Column("raw", Text, nullable=False),
        # The comments as a filter looks into them, where not just that. Behind all, as in a store that had none.
        Column("folded_comments", Text),
        Index("job_filed", "tenant", *_REPORTED),
        Index("job_service_type", "tenant", "service", "type", "filed", "job_id", "state", "subject"),
        # Nearly all jobs are Successful (2); what one looks for by its state are the others.
        partial_index("job_state", "state <> 2", "tenant", "state", "filed", "job_id", "service", "type", "subject"),
        Index("job_subject", "tenant", "subject", "filed", "service", "type", "state"),
        partial_index("job_commented", "comments <> ''", "tenant", *_REPORTED),
        partial_index("job_failing", "failed > 0", "tenant", *_REPORTED, "failed"),
        partial_index("job_deadline", "deadline IS NOT NULL", "deadline"),
        partial_index("job_folded_id", "folded_id IS NOT NULL", "tenant", "folded_id"),
    )


job: Final = Table(
    "job",
    shared,
    *_job_columns(key=True),
)
# Finds a part of a job ID.
trigram_index("job_gram", func.coalesce(job.c.folded_id, func.lower(job.c.job_id)))
numbered_job: Final = Table(
    "job",
    embedded,
    # No row number of SQLite's own: a VACUUM would change those.
    Column("id", Integer, primary_key=True),
    *_job_columns(key=False),
    Index("job_key", "tenant", "job_id", unique=True),
)

job_count: Final = Table(
    "job_count",
    shared,
    Column("tenant", Integer, primary_key=True, autoincrement=False),
    # Codes, or -1 for any.
    Column("service", Integer, primary_key=True, autoincrement=False),
    Column("type", Integer, primary_key=True, autoincrement=False),
    Column("state", SmallInteger, primary_key=True, autoincrement=False),
    # The UTC day under which the jobs are filed, counted from year 1.
    Column("day", Integer, primary_key=True, autoincrement=False),
    Column("jobs", Integer, nullable=False),
    # In SQLite the key's tree then holds the number as well.
    **CLUSTERED,
)

job_version: Final = Table(
    "job_version",
    shared,
    Column("tenant", Integer, primary_key=True, autoincrement=False),
    Column("job_id", CodePointText, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("replaced", BigInteger, nullable=False),
    Column("presumed", Boolean, nullable=False),
    # The job as it was, in MessagePack: it is only ever shown whole.
    Column("job", LargeBinary, nullable=False),
)

lease: Final = Table(
    "pulse",
    shared,
    # Of a service that runs in one process at a time; the ticks are when its lease ends. And the heartbeat of the
    # watch for stalled jobs; the ticks are when the last one was.
    Column("name", Text, primary_key=True),
    Column("ticks", BigInteger, nullable=False),
)

for _table in shared.tables.values():
    if _table is not job:
        _table.to_metadata(embedded)


def tables_of(dialect: Dialect) -> MetaData:
    """All tables of a store on this database."""
    return embedded if dialect.has_row_numbers else shared
