"""Stalled jobs: if the runner of an unfinished job sends no more heartbeats, the job is marked Failed and `presumed`.

A job that promises heartbeats has a deadline; each report sets it to a later time. While no service is running, nobody
can receive a report. So the service stores its own heartbeat, and if there is a gap in it, all deadlines are postponed.
Example: no service ran from 01:00 to 03:00. A job whose deadline was 01:30 now has until 03:30.
"""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Final

from sqlalchemy import Connection, bindparam, case, delete, insert, select, update

from jobreport.model import ticks
from jobreport.model.due_times import Outage
from jobreport.model.stored_job import presume_failed
from jobreport.model.usual import Usual
from jobreport.store.db import locks
from jobreport.store.db.expressions import walk
from jobreport.store.db.prepared import Prepared
from jobreport.store.jobs.write import write
from jobreport.store.schema.jobs import job as table
from jobreport.store.schema.jobs import lease
from jobreport.store.schema.registry import tenant as tenants
from jobreport.store.schema.repeated import HEARD
from jobreport.store.schema.rows import stored, whole_jobs
from jobreport.store.watch import outages, verdicts

_BATCH: Final = 500
_HEARTBEAT: Final = "silence"
_LAST_HEARTBEAT: Final = Prepared(select(lease.c.ticks).where(lease.c.name == bindparam("name")))
_BY_DEADLINE: Final = walk(select(table.c.tenant, table.c.job_id), table, "job_deadline")
"""Few jobs have a deadline, and there is an index of these. SQLite would not choose it without a hint."""
_MOST_AHEAD: Final = 3600 * ticks.PER_SECOND
"""If a heartbeat is further in the future than this, it was made with a wrong clock. It is ignored, since otherwise
nobody would look for stalled jobs until then."""


def heartbeat(connection: Connection, now: int, tolerance: int) -> bool:
    """Stores the service's heartbeat. Returns False if another process has just done that. Times are ticks.

    If the last heartbeat is older than `tolerance`, no service was running in between. Then every deadline is postponed
    by that time, and it is kept that nobody listened then.
    """
    locks.lock(connection, locks.LEASES)
    last = connection.execute(select(lease.c.ticks).where(lease.c.name == _HEARTBEAT)).scalar()
    if last is None:
        connection.execute(insert(lease).values(name=_HEARTBEAT, ticks=now))
        last = 0
    if now <= last < now + _MOST_AHEAD:  # of another process, whose clock may be a little ahead
        return False
    connection.execute(update(lease).where(lease.c.name == _HEARTBEAT).values(ticks=now))
    if last >= now + _MOST_AHEAD:
        _forget_ahead(connection, now)
    if now - last > tolerance:
        _move_deadlines(connection, last, now)
        if last:
            outages.add(connection, Outage(last, now))
    return True


def note_absence(connection: Connection, now: int, tolerance: int) -> bool:
    """Notes once that the service, which ran until its last heartbeat, has not listened since, where somebody judges
    without it. Returns whether it was so. From then on it is not missed until it runs again.
    """
    if not (was_away(connection, now, tolerance) and heartbeat(connection, now, tolerance)):
        return False
    connection.execute(delete(lease).where(lease.c.name == _HEARTBEAT))
    return True


def was_away(connection: Connection, now: int, tolerance: int) -> bool:
    """Returns whether no service has listened for longer than `tolerance` (ticks), and that is not noted yet."""
    return absence(connection, now, tolerance) is not None


def absence(connection: Connection, now: int, tolerance: int) -> Outage | None:
    """Returns since when no service has listened, if that is longer than `tolerance` (ticks) and not noted yet."""
    last = _LAST_HEARTBEAT.rows(connection, {"name": _HEARTBEAT})
    return Outage(last[0][0], now) if last and now - last[0][0] > tolerance else None


def _move_deadlines(connection: Connection, last: int, now: int) -> None:
    """Postpones every deadline by the time since `last`, or since the last report of the job if that is later."""
    watched = table.c.deadline.is_not(None)
    heard_later = case((last < HEARD, HEARD), else_=last)
    move = (
        update(table)
        .where(table.c.tenant == bindparam("of_tenant"), table.c.job_id == bindparam("of_job"), watched)
        .values(deadline=table.c.deadline + now - heard_later)
    )
    rows = connection.execute(_BY_DEADLINE.where(watched)).all()
    # The lock of each tenant is taken first: otherwise a report and this update might wait for each other (deadlock).
    for tenant, own in groupby(sorted(rows), key=lambda row: row.tenant):
        locks.lock(connection, tenant)
        connection.execute(move, [{"of_tenant": tenant, "of_job": row.job_id} for row in own])


def _forget_ahead(connection: Connection, now: int) -> None:
    """Forgets what was noted by a clock that was ahead: what it took for an outage, and that series need not be judged
    until then. Otherwise nothing would be missed for as long as it was ahead.
    """
    outages.forget_ahead(connection, now)
    for tenant in connection.execute(select(tenants.c.tenant).order_by(tenants.c.tenant)).scalars().all():
        locks.lock(connection, tenant)
        verdicts.judge_ahead(connection, tenant, now)


def overdue(connection: Connection, now: int) -> dict[int, list[str]]:
    """Returns the IDs of jobs whose deadline has passed, by tenant; at most `_BATCH` of them."""
    found: dict[int, list[str]] = {}
    for tenant, job_id in connection.execute(_BY_DEADLINE.where(table.c.deadline < now).limit(_BATCH)):
        found.setdefault(tenant, []).append(job_id)
    return found


def mark_failed(
    connection: Connection, tenant: int, job_ids: Sequence[str], now: int, usual: Mapping[str, Usual | None]
) -> int:
    """Marks these jobs as Failed, except those that got a later deadline meanwhile. Returns how many it marked.

    `usual` says by the ID of a job what is usual of its series, for its comments.
    """
    locks.lock(connection, tenant)
    rows = connection.execute(
        whole_jobs().where(table.c.tenant == tenant, table.c.job_id.in_(job_ids), table.c.deadline < now)
    )
    stalled = [stored(row) for row in rows]
    write(connection, tenant, [(old, presume_failed(old, usual.get(old.job.job_id))) for old in stalled], now)
    return len(stalled)
