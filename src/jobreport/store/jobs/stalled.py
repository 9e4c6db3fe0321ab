"""Stalled jobs: an unfinished job whose runner sends no more heartbeats is marked as Failed, and as presumed.

A job that promises heartbeats has a deadline, which each report moves on. Time in which no service was running does not
count, for nobody could receive a report then. So the service has a heartbeat of its own, in the store: a gap in it
moves all deadlines on.
"""

from collections.abc import Sequence
from itertools import groupby
from typing import Final

from sqlalchemy import Connection, bindparam, case, insert, select, update

from jobreport.model import ticks
from jobreport.model.verdict import presume_failed
from jobreport.store.db import locks
from jobreport.store.db.expressions import walk
from jobreport.store.jobs.write import write
from jobreport.store.schema.jobs import job as table
from jobreport.store.schema.jobs import lease
from jobreport.store.schema.rows import stored, whole_jobs

_BATCH: Final = 500
_HEARTBEAT: Final = "silence"
_BY_DEADLINE: Final = walk(select(table.c.tenant, table.c.job_id), table, "job_deadline")
"""Few jobs have a deadline. SQLite would not choose the index of these by itself."""
_MOST_AHEAD: Final = 3600 * ticks.PER_SECOND
"""A heartbeat that is further in the future was made by a wrong clock; it must not stop the watch until then."""


def heartbeat(connection: Connection, now: int, tolerance: int) -> bool:
    """Stores the service's heartbeat; False where another process has just done so. Times are ticks.

    Where the last one is longer ago than `tolerance`, no service was running meanwhile, and every deadline moves on by
    that time.
    """
    locks.lock(connection, locks.LEASES)
    last = connection.execute(select(lease.c.ticks).where(lease.c.name == _HEARTBEAT)).scalar()
    if last is None:
        connection.execute(insert(lease).values(name=_HEARTBEAT, ticks=now))
        last = 0
    if now <= last < now + _MOST_AHEAD:  # by another process, perhaps with a clock that is a little ahead
        return False
    connection.execute(update(lease).where(lease.c.name == _HEARTBEAT).values(ticks=now))
    if now - last > tolerance:
        _move_deadlines(connection, last, now)
    return True


def _move_deadlines(connection: Connection, last: int, now: int) -> None:
    """Moves every deadline on by the time since `last`, or since the last report of the job if that is later."""
    watched = table.c.deadline.is_not(None)
    heard_later = case((table.c.heard > last, table.c.heard), else_=last)
    move = (
        update(table)
        .where(table.c.tenant == bindparam("of_tenant"), table.c.job_id == bindparam("of_job"), watched)
        .values(deadline=table.c.deadline + now - heard_later)
    )
    rows = connection.execute(_BY_DEADLINE.where(watched)).all()
    # With the lock of each tenant: a report that comes in between might wait for us, and we for it (a deadlock).
    for tenant, own in groupby(sorted(rows), key=lambda row: row.tenant):
        locks.lock(connection, tenant)
        connection.execute(move, [{"of_tenant": tenant, "of_job": row.job_id} for row in own])


def overdue(connection: Connection, now: int) -> dict[int, list[str]]:
    """The IDs of jobs whose deadline has passed, by tenant; some of them, where there are many."""
    found: dict[int, list[str]] = {}
    for tenant, job_id in connection.execute(_BY_DEADLINE.where(table.c.deadline < now).limit(_BATCH)):
        found.setdefault(tenant, []).append(job_id)
    return found


def mark_failed(connection: Connection, tenant: int, job_ids: Sequence[str], now: int) -> int:
    """Marks those of the jobs as Failed whose deadline has still passed, and returns how many."""
    locks.lock(connection, tenant)
    rows = connection.execute(
        whole_jobs().where(table.c.tenant == tenant, table.c.job_id.in_(job_ids), table.c.deadline < now)
    )
    stalled = [stored(row) for row in rows]
    write(connection, tenant, [(old, presume_failed(old)) for old in stalled], now)
    return len(stalled)
