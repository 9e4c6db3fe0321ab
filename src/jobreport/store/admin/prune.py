"""Retention: deletes finished jobs that are older than a rule allows, in small transactions."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import BindParameter, ColumnElement, Connection, Select, and_, bindparam, delete, func, or_, select

from jobreport.model.catalog import UNFINISHED, JobState, JobType, ServiceType
from jobreport.model.job import Job
from jobreport.model.series import NONE
from jobreport.model.verdict import StoredJob
from jobreport.store import Store
from jobreport.store.db import dialect_of, locks
from jobreport.store.derived import causes, days, series, subjects, trigrams
from jobreport.store.registry import marks
from jobreport.store.schema.jobs import job, job_count, job_sum, job_version, numbered_job, series_count, subject
from jobreport.store.schema.registry import tenant as tenants

BATCH: Final = 500
FAILED: Final = frozenset({JobState.Failed, JobState.Exception})
"""The states for which a rule may have a longer time, since people ask about such jobs long afterwards."""

_NOT_FAILED: Final = frozenset(JobState) - FAILED - UNFINISHED
_ADDED: Final = ("failed", "successful", "skipped", "total", "size")
_IDS: Final[BindParameter[str]] = bindparam("ids", expanding=True)


class Rule(msgspec.Struct, frozen=True):
    """A rule for deleting finished jobs: those filed before `before`; those in a state of `FAILED`, before
    `failed_before`. Both are ticks.
    """

    before: int
    failed_before: int

    def deletes(self, stored: StoredJob) -> bool:
        """Whether the rule says that the job must be deleted."""
        state = stored.job.state
        return state.finished and stored.filed < (self.failed_before if state in FAILED else self.before)


class Due(msgspec.Struct, frozen=True, kw_only=True):
    """The result of a rule for one tenant: `jobs` would be deleted, `of` is the number of all its jobs.

    `oldest` is the filed time of the oldest job that would be deleted, in ticks; 0 if there is none.
    """

    tenant: int
    name: str
    jobs: int
    of: int
    oldest: int


def due(store: Store, rule: Rule, name: str | None = None) -> tuple[Due, ...]:
    """Returns what the rule would delete now, for each tenant, or only for the tenant called `name`."""
    with store.reading() as connection:
        dialect_of(connection).lift_time_limits(connection)
        named = select(tenants.c.tenant, tenants.c.name).where(tenants.c.deleted.is_(None)).order_by(tenants.c.tenant)
        chosen = connection.execute(named if name is None else named.where(tenants.c.name == name)).all()
        return tuple(_due(connection, rule, number, called) for number, called in chosen)


def _due(connection: Connection, rule: Rule, tenant: int, name: str) -> Due:
    of = connection.execute(select(func.count()).select_from(job).where(job.c.tenant == tenant)).scalar_one()
    found = select(func.count(), func.min(job.c.filed)).where(job.c.tenant == tenant, _is_due(rule))
    jobs, oldest = connection.execute(found).one()
    return Due(tenant=tenant, name=name, jobs=jobs, of=of, oldest=oldest or 0)


def prune(store: Store, tenant: int, rule: Rule) -> Iterator[int]:
    """Deletes the jobs that the rule says, oldest first, with their earlier versions.

    After each transaction it yields the number of jobs that were deleted, and the kept counts are right. Others can
    read at any time, and can write between two transactions.
    """
    oldest = (
        deletable()
        .where(job.c.tenant == tenant, job.c.filed >= bindparam("since"), _is_due(rule))
        .order_by(job.c.filed, job.c.job_id)
        .limit(BATCH)
    )
    since = 0
    while True:
        with store.writing() as connection:
            locks.lock(connection, tenant)
            rows = connection.execute(oldest, {"since": since}).all()
            if rows:
                delete_jobs(connection, tenant, rows)
            else:
                # Counts that are 0 now are not needed any more.
                for table in (job_count, job_sum, series_count):
                    values = [column for column in table.columns if not column.primary_key and column.name != "changes"]
                    empty = and_(*(column == 0 for column in values))
                    connection.execute(delete(table).where(table.c.tenant == tenant, empty))
                subjects.delete_unused(connection, tenant)
                causes.delete_unused(connection, tenant)
                marks.delete_unused(connection, tenant)
        if not rows:
            return
        # The next read begins here: all older jobs that are still there will stay.
        since = rows[-1].filed
        yield len(rows)


def _is_due(rule: Rule) -> ColumnElement[bool]:
    """Returns the rule as a condition. Its first part only lets the database use the index of filed times."""
    return and_(
        job.c.filed < max(rule.before, rule.failed_before),
        or_(
            and_(job.c.state.in_(sorted(_NOT_FAILED)), job.c.filed < rule.before),
            and_(job.c.state.in_(sorted(FAILED)), job.c.filed < rule.failed_before),
        ),
    )


def deletable() -> Select[Any]:
    """Returns a SELECT of what `delete_jobs` needs to know of each job."""
    columns = (job.c[name] for name in ("job_id", "service", "type", "state", "filed", "heard", "finish", *_ADDED))
    about = and_(subject.c.tenant == job.c.tenant, subject.c.subject == job.c.subject)
    # If a subject is missing (`jobreport check` finds that), its jobs are of no series.
    return select(*columns, func.coalesce(subject.c.series, NONE).label("series")).join_from(
        job, subject, about, isouter=True
    )


def delete_jobs(connection: Connection, tenant: int, rows: Sequence[Any]) -> None:
    """Deletes jobs with their versions, and changes all that is derived from them. `rows` are those of `deletable`."""
    ids = [row.job_id for row in rows]
    if dialect_of(connection).has_row_numbers:
        of_ids = (numbered_job.c.tenant == tenant, numbered_job.c.job_id.in_(_IDS))
        numbered = connection.execute(select(numbered_job.c.id, numbered_job.c.job_id).where(*of_ids), {"ids": ids})
        trigrams.remove(connection, [(number, job_id) for number, job_id in numbered])
    for table in (job_version, job):
        gone = delete(table).where(table.c.tenant == tenant, table.c.job_id.in_(_IDS))
        connection.execute(gone, {"ids": ids})
    gone_jobs = [_counted(row) for row in rows]
    days.apply(connection, tenant, [(one, None) for one in gone_jobs])
    series.apply(connection, tenant, [(row.series, one, None) for row, one in zip(rows, gone_jobs, strict=True)])


def _counted(row: Any) -> StoredJob:
    """Returns a stored job that has only the fields from which something is derived."""
    counted = Job(
        job_id=row.job_id,
        service=ServiceType(row.service),
        type=JobType(row.type),
        state=JobState(row.state),
        finish=row.finish,
        **{name: getattr(row, name) for name in _ADDED},
    )
    return StoredJob(job=counted, received=row.filed, heard=row.heard)
