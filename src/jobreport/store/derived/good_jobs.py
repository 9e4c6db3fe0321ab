"""Judges again which jobs of a tenant are good, after the tenant has changed what it takes for good.

Only few series are read again. If jobs that finished with exceptions become good, these are the series with a job that
was not good since the last good one; in the other direction, those whose last good job finished with exceptions.
"""

from typing import Final

from sqlalchemy import Connection, and_, bindparam, select

from jobreport.model.catalog import JobState
from jobreport.model.series import GOOD, Stale
from jobreport.store.db import dialect_of, locks
from jobreport.store.derived import counts, series
from jobreport.store.derived.series_parts import Reader
from jobreport.store.schema.jobs import job
from jobreport.store.schema.jobs import series as table

_BATCH: Final = 500
_MINE: Final = select(table.c.series).where(table.c.tenant == bindparam("tenant")).order_by(table.c.series)
_NOT_GOOD: Final = _MINE.where(table.c.not_good > 0)
_LAST_GOOD: Final = and_(job.c.tenant == table.c.tenant, job.c.job_id == table.c.good_id)
_WITH_EXCEPTIONS: Final = _MINE.join_from(table, job, _LAST_GOOD).where(job.c.state == int(JobState.Exception))


def judge_again(connection: Connection, tenant: int) -> None:
    """Corrects the series of the tenant to what it takes for good now. Call it after `exceptions_good` was changed, in
    the same transaction. It locks the tenant.
    """
    dialect_of(connection).lift_time_limits(connection)
    locks.lock(connection, tenant)
    good = series.good_states(connection, tenant)
    affected = _WITH_EXCEPTIONS if good == GOOD else _NOT_GOOD
    numbers = connection.execute(affected, {"tenant": tenant}).scalars().all()
    for first in range(0, len(numbers), _BATCH):
        statuses = series.read(connection, tenant, numbers[first : first + _BATCH])
        for number, status in statuses.items():
            Reader(connection, tenant, number, good).read(status, Stale.GOOD | Stale.NOT_GOOD)
        series.write(connection, tenant, statuses)
    counts.touch(connection, tenant)
