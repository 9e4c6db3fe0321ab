"""Turns rows of the table of jobs into jobs, and jobs into rows."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import FromClause, Select, Subquery, and_, bindparam, case, select

from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.model.job import Job, fold
from jobreport.model.query import Line
from jobreport.model.sees import EVERY
from jobreport.model.stored_job import StoredJob
from jobreport.store.db.expressions import row_key
from jobreport.store.schema.jobs import cause as causes
from jobreport.store.schema.jobs import job as table
from jobreport.store.schema.jobs import subject as subjects
from jobreport.store.schema.repeated import unless_same, whole

SUBJECT: Final = ("description", "plan", "resource", "origin")
"""The fields of a job that are stored in its subject."""

# `raw` may have 64 KiB and is only shown with a single job, so lists do not read it, nor what lies behind it.
_ALONE: Final = ("raw", "cause", "reference", "sees", "made")
_FIELDS: Final = tuple(name for name in Job.__struct_fields__ if name not in _ALONE)
LISTED: Final = tuple(subjects.c[name] if name in SUBJECT else whole(name) for name in _FIELDS)
WHOLE: Final = tuple(table.columns.keys())
"""All columns of the job table, in order."""
LINE: Final = tuple(table.c[name] for name in Line._fields)
"""The columns of `model.query.Line`, in its order."""
ABOUT: Final = and_(subjects.c.tenant == table.c.tenant, subjects.c.subject == table.c.subject)
"""The condition that joins a job and its subject."""
BECAUSE: Final = and_(causes.c.tenant == table.c.tenant, causes.c.cause == table.c.cause)
"""The condition that joins a job and its cause, if it has one."""


KEY: Final = row_key(table.c.job_id).label("key")
"""The column by which a job's row is found fastest (`row_key`). Every index of jobs contains it."""


def keyed(keys: Subquery) -> FromClause:
    """Joins the job table to a subquery of `KEY`s."""
    return keys.join(table, and_(table.c.tenant == bindparam("tenant"), row_key(table.c.job_id) == keys.c.key))


# Codes are looked up here, not constructed: a page of the report spends most of its time on that.
_CODES: Final[tuple[tuple[str, Mapping[int, Any]], ...]] = tuple(
    (name, {code.value: code for code in codes})
    for name, codes in (("service", ServiceType), ("type", JobType), ("state", JobState))
)
_HALVES: Final = re.compile("[\ud800-\udfff]")
"""Halves of surrogate pairs, which are not characters."""


def storable(text: str) -> bool:
    """Whether a store can contain the text. Databases refuse to store other texts, and even to search for them."""
    return "\0" not in text and not _HALVES.search(text)


def whole_jobs() -> Select[Any]:
    """Returns a SELECT of the columns that `stored` needs."""
    given = case((causes.c.given, causes.c.code), else_="").label("given")
    names = ("raw", "received", "heard", "presumed", "app", "reference", "sees", "made")
    more = (*map(whole, names), given)
    return select(*LISTED, *more).join_from(table, subjects, ABOUT).outerjoin(causes, BECAUSE)


def listed(rows: Sequence[Sequence[Any]]) -> tuple[Job, ...]:
    """Returns the jobs, without the fields `_ALONE`, from rows that begin with the columns `LISTED`."""
    jobs = []
    for row in rows:
        fields = dict(zip(_FIELDS, row, strict=False))
        for name, codes in _CODES:
            fields[name] = codes[fields[name]]
        jobs.append(Job(**fields))
    return tuple(jobs)


def stored(row: Sequence[Any]) -> StoredJob:
    """Returns the stored job from a row of `whole_jobs`."""
    (job,) = listed([row])
    raw, received, heard, presumed, app, reference, sees, made, cause = row[len(LISTED) :]
    return StoredJob(
        job=job.evolve(raw=raw, cause=cause, reference=reference or "", sees=EVERY[sees], made=made or ""),
        received=received,
        heard=heard,
        presumed=bool(presumed),
        app=app,
    )


def whole_row(tenant: int, stored: StoredJob, subject: int, cause: int) -> tuple[Any, ...]:
    """Returns the row of a stored job, with the columns `WHOLE`. Codes are plain numbers, since drivers need that."""
    job = stored.job
    job_id = job.job_id
    return (
        tenant,
        job_id,
        stored.filed,
        job.service._value_,
        job.type._value_,
        job.state._value_,
        subject,
        job.start,
        job.finish,
        job.failed,
        job.successful,
        job.skipped,
        job.total,
        job.comments,
        job.size,
        unless_same(job.observed, job.finish),
        job.heartbeat,
        stored.received,
        unless_same(stored.heard, stored.received),
        stored.deadline,
        stored.presumed,
        stored.app,
        None if job_id.isascii() else fold(job_id),
        job.raw,
        None if job.comments.isascii() else fold(job.comments),
        cause,
        job.reference or None,
        job.sees.rank,
        job.made or None,
    )
