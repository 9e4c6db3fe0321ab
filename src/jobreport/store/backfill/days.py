"""Fills in what is kept of each day: how many jobs ended on it, and the sums of objects and bytes."""

from collections import Counter
from itertools import product
from typing import Final

from sqlalchemy import BigInteger, Connection, bindparam, func, literal_column, select

from jobreport.model import ticks
from jobreport.store.backfill.step import Position, Step, measured, rows_after
from jobreport.store.db.bulk_write import PreparedAdd
from jobreport.store.db.expressions import walk
from jobreport.store.db.prepared import Prepared
from jobreport.store.derived import sums
from jobreport.store.derived.counts import ANY
from jobreport.store.schema.jobs import job, job_count, job_sum

_JOBS: Final = 20_000
"""About so many jobs are read in one transaction."""


def _fill_days(connection: Connection, here: Position) -> Position | None:
    """Counts the jobs by the day of their end, and adds up objects and bytes: of the jobs filed on the next days."""
    days = connection.execute(_NEXT_DAYS, {"tenant": here.tenant, "last": here.last}).all()
    jobs = 0
    for row in days:
        if row.tenant != days[0].tenant or (jobs and jobs + row.jobs > _JOBS):
            break
        _fill_day(connection, row.tenant, row.day)
        jobs += row.jobs
        here = Position(here.step, row.tenant, row.day)
    return here if days else None


def _fill_day(connection: Connection, tenant: int, day: int) -> None:
    first = day * ticks.PER_DAY
    rows = _OF_DAY.rows(connection, {"tenant": tenant, "first": first, "end": first + ticks.PER_DAY})
    ended: Counter[tuple[int, ...]] = Counter()
    added: dict[tuple[int, ...], list[int]] = {}
    for service, kind, state, end, number, *values in rows:
        if end:
            for codes in product((service, ANY), (kind, ANY), (state, ANY)):
                ended[tenant, *codes, end, 0] += number
        key = tenant, service, kind, day
        added[key] = [old + int(new) for old, new in zip(added.get(key, [0] * len(values)), values, strict=True)]
    if ended:
        _ADD_ENDED.many(connection, [(*key, number, 0) for key, number in ended.items()])
    if added:
        _ADD_SUMS.many(connection, [(*key, *values) for key, values in added.items()])


_EVERY_DAY: Final = [job_count.c[name] == ANY for name in ("service", "type", "state")]
_NEXT_DAYS: Final = rows_after([job_count.c.jobs], job_count.c.day).where(*_EVERY_DAY, job_count.c.jobs > 0).limit(100)
_END: Final = (job.c.finish // literal_column(str(ticks.PER_DAY), BigInteger)).label("day")
_UPPER: Final = job.c.size // literal_column(str(sums.HALF), BigInteger)
_CODES: Final = (job.c.service, job.c.type, job.c.state)
_SUMS: Final = (
    *(func.sum(job.c[name]) for name in sums.OBJECTS),
    func.sum(_UPPER),
    func.sum(job.c.size - _UPPER * literal_column(str(sums.HALF), BigInteger)),
)
_OF_DAY: Final = Prepared(
    walk(select(*_CODES, _END, func.count(), *_SUMS), job, "job_filed")
    .where(job.c.tenant == bindparam("tenant"), job.c.filed >= bindparam("first"), job.c.filed < bindparam("end"))
    .group_by(*_CODES, _END)
)
_ADD_ENDED: Final = PreparedAdd(job_count, "ended")
_ADD_SUMS: Final = PreparedAdd(job_sum, *sums.VALUES)
STEP: Final = Step("jobs", _fill_days, measured(job_count.c.day, job_count.c.jobs, *_EVERY_DAY))
