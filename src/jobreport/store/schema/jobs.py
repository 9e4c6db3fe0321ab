"""The tables of jobs. This module also imports all other tables, so it has the complete schema.

Every primary key of a tenant's data begins with the tenant's number, so that Citus can split the tables by tenant.

In a file (tables of `embedded`) each job also has a row number, which the index of parts of job IDs uses
(`store.derived.trigrams`). Statements are made for the tables of `shared`, and work for both.
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
    text,
)
from sqlalchemy.sql.schema import SchemaItem

from jobreport.model.series import SeriesStatus
from jobreport.store.db import Dialect
from jobreport.store.db.definitions import CLUSTERED, CodePointText, partial_index, trigram_index

# Imported so that their tables are always part of the schema.
from jobreport.store.schema import others  # noqa: F401 - makes their tables
from jobreport.store.schema.metadata import embedded, shared

subject: Final = Table(
    "subject",
    shared,
    # The same four texts come every night, so they are stored once, under a number. All jobs of a subject have the same
    # service and type.
    Column("tenant", Integer, primary_key=True, autoincrement=False),
    Column("subject", Integer, primary_key=True, autoincrement=False),
    # The hash of service, type and the four texts below, which are too long for a key.
    Column("digest", LargeBinary, nullable=False),
    # The series to which its jobs belong; 0 if they belong to none.
    Column("series", Integer, nullable=False),
    Column("service", Integer, nullable=False),
    Column("type", Integer, nullable=False),
    Column("description", Text, nullable=False),
    Column("plan", Text, nullable=False),
    Column("resource", Text, nullable=False),
    Column("origin", Text, nullable=False),
    # The case-folded description, for searches.
    Column("folded", Text, nullable=False),
    Index("subject_digest", "tenant", "digest", unique=True),
    Index("subject_series", "tenant", "series", "subject"),
    **CLUSTERED,
)

series: Final = Table(
    "series",
    shared,
    Column("tenant", Integer, primary_key=True, autoincrement=False),
    Column("series", Integer, primary_key=True, autoincrement=False),
    # The hash of the five columns below.
    Column("digest", LargeBinary, nullable=False),
    Column("service", Integer, nullable=False),
    Column("type", Integer, nullable=False),
    Column("plan", Text, nullable=False),
    Column("resource", Text, nullable=False),
    Column("origin", Text, nullable=False),
    # Case-folded, for searches.
    Column("folded_plan", Text, nullable=False),
    Column("folded_resource", Text, nullable=False),
    # By which names are sorted: plan and resource, case-folded, and no longer than an index can take.
    Column("sort_name", CodePointText, nullable=False),
    # How it stands: `model.series.SeriesStatus`.
    *(
        Column(name, CodePointText if name.endswith("_id") else BigInteger, nullable=False)
        for name in SeriesStatus.__struct_fields__
    ),
    # When it must be judged next (ticks); 0, so at once, after each change of its jobs (`store.watch`).
    Column("judge_at", BigInteger, nullable=False, server_default=text("0")),
    Index("series_digest", "tenant", "digest", unique=True),
    Index("series_judge", "tenant", "judge_at", "series"),
    Index("series_name", "tenant", "sort_name", "series"),
    Index("series_good", "tenant", "good_finish", "series"),
    partial_index("series_not_good", "not_good > 0", "tenant", "not_good_since", "series"),
    Index("series_codes", "tenant", "service", "type", "ended_state", "series"),
    Index("series_origin", "tenant", "origin", "ended_state", "service", "type", "series"),
    # Few have no job any more.
    partial_index("series_empty", "jobs = 0", "tenant", "series"),
    **CLUSTERED,
)

series_text: Final = Table(
    "series_text",
    shared,
    Column("tenant", Integer, primary_key=True, autoincrement=False),
    Column("series", Integer, primary_key=True, autoincrement=False),
    # The texts by which series are found (`store.derived.series_texts`). They never change.
    Column("resource", CodePointText, nullable=False),
    Column("origin", CodePointText, nullable=False),
    Column("text", Text, nullable=False),
    Index("series_text_resource", "tenant", "resource", "series"),
    **CLUSTERED,
)

series_count: Final = Table(
    "series_count",
    shared,
    Column("tenant", Integer, primary_key=True, autoincrement=False),
    Column("service", Integer, primary_key=True, autoincrement=False),
    Column("type", Integer, primary_key=True, autoincrement=False),
    # The state of the newest job that has ended; 0: none has.
    Column("state", SmallInteger, primary_key=True, autoincrement=False),
    # The number of series, of those whose jobs are not good now, and of those that never had a good job.
    Column("series", Integer, nullable=False),
    Column("not_good", Integer, nullable=False),
    Column("never_good", Integer, nullable=False),
    **CLUSTERED,
)


cause: Final = Table(
    "cause",
    shared,
    # Why jobs are not good. Many jobs have the same cause, so it is stored once, under a number.
    Column("tenant", Integer, primary_key=True, autoincrement=False),
    Column("cause", Integer, primary_key=True, autoincrement=False),
    Column("code", Text, nullable=False),
    # Whether the origin itself gives the cause to these jobs; otherwise their comments tell it.
    Column("given", Boolean, nullable=False),
    Column("text", Text, nullable=False),
    Index("cause_code", "tenant", "code", "given", unique=True),
    **CLUSTERED,
)


_REPORTED: Final = ("filed", "job_id", "service", "type", "state", "subject")
"""The columns that an index needs to answer a filter without reading rows, in the order of the report."""


def _job_columns(*, key: bool) -> tuple[SchemaItem, ...]:
    """Returns the columns and indexes of the table of jobs. `key`: tenant and job ID are its primary key."""
    return (
        Column("tenant", Integer, primary_key=key, autoincrement=False, nullable=False),
        Column("job_id", CodePointText, primary_key=key, nullable=False),
        # The time by which jobs are sorted and filtered: the start, the due time, or the time of receipt.
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
        # Ticks: when the origin saw the job so; 0: as it ended (`schema.repeated`).
        Column("observed", BigInteger, nullable=False),
        Column("heartbeat", Integer, nullable=False),
        # Ticks, by this service's clock: when the job was first reported, and when it was last reported (0: then too).
        Column("received", BigInteger, nullable=False),
        Column("heard", BigInteger, nullable=False),
        # Ticks: if no report comes until then, the job is presumed to have failed. Only for an unfinished job that
        # promised heartbeats.
        Column("deadline", BigInteger),
        Column("presumed", Boolean, nullable=False),
        # The app registration that reported the job first; empty if it was written to the store directly.
        Column("app", Text, nullable=False),
        # The case-folded job ID, for searches; only if the ID is not ASCII.
        Column("folded_id", Text),
        Column("raw", Text, nullable=False),
        # The case-folded comments, for filters; only if they are not ASCII. This column and the next ones are the last,
        # since that is where a migration adds them to an older store.
        Column("folded_comments", Text),
        # The number of its cause; 0 if it has none. Only a job that is not good has one.
        Column("cause", Integer, nullable=False, server_default="0"),
        # What was done, in its origin's own terms; NULL if no such reference was given, as most jobs have none.
        Column("reference", CodePointText),
        # What its reporter can see: the rank of `model.sees.Sees`.
        Column("sees", SmallInteger, nullable=False, server_default="0"),
        # The short name of what it made; NULL if none was given.
        Column("made", CodePointText),
        Index("job_filed", "tenant", *_REPORTED),
        Index("job_service_type", "tenant", "service", "type", "filed", "job_id", "state", "subject"),
        # Nearly all jobs are Successful (2); people look for the jobs in other states.
        partial_index("job_state", "state <> 2", "tenant", "state", "filed", "job_id", "service", "type", "subject"),
        Index("job_subject", "tenant", "subject", "filed", "service", "type", "state"),
        partial_index("job_commented", "comments <> ''", "tenant", *_REPORTED),
        partial_index("job_failing", "failed > 0", "tenant", *_REPORTED, "failed"),
        # No job ID and no filed time: only jobs that ended in the same tick are sorted by these.
        partial_index("job_ended", "finish > 0", "tenant", "finish", "service", "type", "state", "subject"),
        partial_index("job_cause", "cause <> 0", "tenant", "cause", *_REPORTED),
        partial_index("job_deadline", "deadline IS NOT NULL", "deadline"),
        partial_index("job_folded_id", "folded_id IS NOT NULL", "tenant", "folded_id"),
        partial_index("job_reference", "reference IS NOT NULL", "tenant", "reference", unique=True),
        partial_index("job_made", "made IS NOT NULL", "tenant", "made", "filed", "reference"),
    )


job: Final = Table(
    "job",
    shared,
    *_job_columns(key=True),
)
# Finds a part of a job ID.
trigram_index("job_gram", func.coalesce(job.c.folded_id, func.lower(job.c.job_id)))
# Finds a part of a reference that is another text than the job ID.
trigram_index("job_reference_gram", func.lower(job.c.reference), "reference <> job_id")
# Finds a part of a plan or of a resource.
trigram_index("series_gram", series_text.c.text)
numbered_job: Final = Table(
    "job",
    embedded,
    # A declared column, not SQLite's hidden row number, which a VACUUM may change.
    Column("id", Integer, primary_key=True),
    *_job_columns(key=False),
    Index("job_key", "tenant", "job_id", unique=True),
)

job_count: Final = Table(
    "job_count",
    shared,
    Column("tenant", Integer, primary_key=True, autoincrement=False),
    # Service, type and state: codes, or -1 for any.
    Column("service", Integer, primary_key=True, autoincrement=False),
    Column("type", Integer, primary_key=True, autoincrement=False),
    Column("state", SmallInteger, primary_key=True, autoincrement=False),
    # A UTC day. Day 0 is 0001-01-01.
    Column("day", Integer, primary_key=True, autoincrement=False),
    # The number of jobs that are filed on this day, and of those that ended on it.
    Column("jobs", Integer, nullable=False),
    Column("ended", Integer, nullable=False),
    # In the row of all jobs of a day: another number after each change of these jobs. 0: not known.
    Column("changes", BigInteger, nullable=False, server_default=text("0")),
    # In SQLite the index of the primary key then contains the numbers too.
    **CLUSTERED,
)

job_sum: Final = Table(
    "job_sum",
    shared,
    Column("tenant", Integer, primary_key=True, autoincrement=False),
    Column("service", Integer, primary_key=True, autoincrement=False),
    Column("type", Integer, primary_key=True, autoincrement=False),
    # The UTC day on which the jobs are filed.
    Column("day", Integer, primary_key=True, autoincrement=False),
    # Of all jobs that are filed on this day: numbers of objects, and bytes in two parts (`store.derived.sums`).
    Column("failed", BigInteger, nullable=False),
    Column("successful", BigInteger, nullable=False),
    Column("skipped", BigInteger, nullable=False),
    Column("total", BigInteger, nullable=False),
    Column("size_upper", BigInteger, nullable=False),
    Column("size_lower", BigInteger, nullable=False),
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
    # The job as it was, in MessagePack: it is only shown as a whole, never searched.
    Column("job", LargeBinary, nullable=False),
)

backfill: Final = Table(
    "backfill",
    shared,
    # The step of `store.backfill` that comes next, and how far it has come; no row: everything is filled.
    Column("step", Text, primary_key=True),
    Column("tenant", Integer, nullable=False),
    Column("position", BigInteger, nullable=False),
)

lease: Final = Table(
    "pulse",
    shared,
    # For a service that runs in only one process at a time, the ticks say when its lease ends. For the heartbeat of
    # the watch for stalled jobs, they say when the last one was.
    Column("name", Text, primary_key=True),
    Column("ticks", BigInteger, nullable=False),
)

for _table in shared.tables.values():
    if _table is not job:
        _copy = _table.to_metadata(embedded)
        _copy.indexes = {index for index in _copy.indexes if index.name != "series_gram"}


def tables_of(dialect: Dialect) -> MetaData:
    """Returns all tables of a store on this database."""
    return embedded if dialect.has_row_numbers else shared
