"""The time in, the jobs that died in silence marked as Failed; time in which no service ran does not count."""

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
from jobreport.store.schema.jobs import pulse
from jobreport.store.schema.rows import stored, whole_jobs

_BATCH = 500
_PULSE = "silence"
_BY_DEADLINE: Final = walk(select(table.c.tenant, table.c.job_id), table, "job_deadline")
"""Few jobs are waited for, and SQLite would look for them among all."""
_SET_BACK = 3600 * ticks.PER_SECOND
"""A beat so far in the future was made by a wrong clock, which must not stop the watch until then."""


def beat(connection: Connection, now: int, tolerance: int) -> bool:
    """One beat of the watch; False where another process beat just now. Times are ticks.

    Nobody could hear a job while no service was beating. So where the last beat is longer ago than
    `tolerance`, every deadline moves on by the time that was not listened to.
    """
    locks.lock(connection, locks.LEASES)
    last = connection.execute(select(pulse.c.ticks).where(pulse.c.name == _PULSE)).scalar()
    if last is None:
        connection.execute(insert(pulse).values(name=_PULSE, ticks=now))
        last = 0
    if now <= last < now + _SET_BACK:  # another process beat already, perhaps by a clock that is a little ahead
        return False
    connection.execute(update(pulse).where(pulse.c.name == _PULSE).values(ticks=now))
    if now - last > tolerance:
        _move_deadlines(connection, last, now)
    return True


def _move_deadlines(connection: Connection, last: int, now: int) -> None:
    """Moves every deadline on by the time since `last`, or since the job was heard of if that is later."""
    watched = table.c.deadline.is_not(None)
    heard_later = case((table.c.heard > last, table.c.heard), else_=last)
    move = (
        update(table)
        .where(table.c.tenant == bindparam("of_tenant"), table.c.job_id == bindparam("of_job"), watched)
        .values(deadline=table.c.deadline + now - heard_later)
    )
    rows = connection.execute(_BY_DEADLINE.where(watched)).all()
    # Each tenant alone: a report that comes in between would hold a row that we want, and want one that we hold.
    for tenant, own in groupby(sorted(rows), key=lambda row: row.tenant):
        locks.lock(connection, tenant)
        connection.execute(move, [{"of_tenant": tenant, "of_job": row.job_id} for row in own])


def overdue(connection: Connection, now: int) -> dict[int, list[str]]:
    """Jobs whose deadline has passed, by tenant; some of them, where there are many."""
    found: dict[int, list[str]] = {}
    for tenant, job_id in connection.execute(_BY_DEADLINE.where(table.c.deadline < now).limit(_BATCH)):
        found.setdefault(tenant, []).append(job_id)
    return found


def presume(connection: Connection, tenant: int, job_ids: Sequence[str], now: int) -> int:
    """Marks those of the jobs as Failed that nothing has been heard of still; how many."""
    locks.lock(connection, tenant)
    rows = connection.execute(
        whole_jobs().where(table.c.tenant == tenant, table.c.job_id.in_(job_ids), table.c.deadline < now)
    )
    silent = [stored(row) for row in rows]
    write(connection, tenant, [(old, presume_failed(old)) for old in silent], now)
    return len(silent)
