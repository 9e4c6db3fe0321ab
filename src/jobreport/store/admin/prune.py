"""Retention: deletes finished jobs that are older than a rule allows, in small transactions."""

from collections.abc import Iterator
from typing import Final

import msgspec
from sqlalchemy import ColumnElement, Connection, and_, bindparam, delete, func, or_, select

from jobreport.model.catalog import UNFINISHED, JobState
from jobreport.model.stored_job import StoredJob
from jobreport.store import Store
from jobreport.store.db import dialect_of, locks
from jobreport.store.derived import causes, subjects
from jobreport.store.jobs.delete import deletable, delete_jobs
from jobreport.store.registry import marks
from jobreport.store.schema.jobs import job, job_count, job_sum, series_count
from jobreport.store.schema.registry import tenant as tenants
from jobreport.store.watch import incidents, verdicts

BATCH: Final = 500
FAILED: Final = frozenset({JobState.Failed, JobState.Exception})
"""The states for which a rule may have a longer time, since people ask about such jobs long afterwards."""

_NOT_FAILED: Final = frozenset(JobState) - FAILED - UNFINISHED


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
                incidents.end_unused(connection, tenant, store.clock())
                verdicts.delete_unused(connection, tenant)
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
