"""Makes jobs of rows, and rows of jobs."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import FromClause, Row, Select, Subquery, and_, bindparam, select

from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.model.job import Job, fold
from jobreport.model.query import Line
from jobreport.model.verdict import StoredJob
from jobreport.store.db.expressions import row_key
from jobreport.store.schema.jobs import job as table
from jobreport.store.schema.jobs import subject as subjects

SUBJECT: Final = ("description", "plan", "resource", "origin")
"""The fields of a job that are stored in its subject."""

# `raw` may be 64 KiB a job and is shown with a single job only, so lists leave it in the database.
_FIELDS: Final = tuple(name for name in Job.__struct_fields__ if name != "raw")
LISTED: Final = tuple((subjects if name in SUBJECT else table).c[name] for name in _FIELDS)
WHOLE: Final = tuple(table.columns.keys())
"""All columns of the job table, in order."""
LINE: Final = tuple(table.c[name] for name in Line._fields)
"""The columns of `model.query.Line`, in its order."""
ABOUT: Final = and_(subjects.c.tenant == table.c.tenant, subjects.c.subject == table.c.subject)
"""The condition that joins a job and its subject."""


KEY: Final = row_key(table.c.job_id).label("key")
"""What leads to a job's row fastest. Every index of jobs has it."""


def keyed(keys: Subquery) -> FromClause:
    """Joins the job table to a subquery of `KEY`s."""
    return keys.join(table, and_(table.c.tenant == bindparam("tenant"), row_key(table.c.job_id) == keys.c.key))


# A page of the report spends most of its time here, so codes are looked up and not constructed.
_CODES: Final[tuple[tuple[str, Mapping[int, Any]], ...]] = tuple(
    (name, {code.value: code for code in codes})
    for name, codes in (("service", ServiceType), ("type", JobType), ("state", JobState))
)
_HALVES: Final = re.compile("[\ud800-\udfff]")
"""Halves of surrogate pairs, which are no characters."""


def storable(text: str) -> bool:
    """Whether a store can hold the text. One that it cannot is in no store, and databases refuse to look for it."""
    return "\0" not in text and not _HALVES.search(text)


def whole_jobs() -> Select[Any]:
    """A SELECT of the columns that `stored` takes."""
    more = (table.c.raw, table.c.received, table.c.heard, table.c.presumed, table.c.app)
    return select(*LISTED, *more).join_from(table, subjects, ABOUT)


def listed(rows: Sequence[Sequence[Any]]) -> tuple[Job, ...]:
    """Makes jobs, without `raw`, of rows that begin with the columns `LISTED`."""
    jobs = []
    for row in rows:
        fields = dict(zip(_FIELDS, row, strict=False))
        for name, codes in _CODES:
            fields[name] = codes[fields[name]]
        jobs.append(Job(**fields))
    return tuple(jobs)


def stored(row: Row[Any]) -> StoredJob:
    """Makes the stored job of a row of `whole_jobs`."""
    (job,) = listed([row])
    return StoredJob(
        job=job.evolve(raw=row.raw), received=row.received, heard=row.heard, presumed=row.presumed, app=row.app
    )


def whole_row(tenant: int, stored: StoredJob, subject: int) -> tuple[Any, ...]:
    """The row of a stored job, with the columns `WHOLE`. Codes and flags are plain numbers, as drivers want them."""
    job = stored.job
    job_id = job.job_id
    return (
        tenant,
        job_id,
        stored.filed,
        int(job.service),
        int(job.type),
        int(job.state),
        subject,
        job.start,
        job.finish,
        job.failed,
        job.successful,
        job.skipped,
        job.total,
        job.comments,
        job.size,
        job.observed,
        job.heartbeat,
        stored.received,
        stored.heard,
        stored.deadline,
        stored.presumed,
        stored.app,
        None if job_id.isascii() else fold(job_id),
        job.raw,
        None if job.comments.isascii() else fold(job.comments),
    )
