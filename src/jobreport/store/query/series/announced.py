"""Reads the announced runs that have not started: for each series, when the newest was due and when the next one is."""

from collections.abc import Collection
from typing import Any, Final, NamedTuple

from sqlalchemy import BigInteger, Connection, Integer, Text, bindparam, case, func, literal_column, select

from jobreport.model.catalog import JobState
from jobreport.model.judging import NEVER
from jobreport.model.need import GRACE
from jobreport.store.db import dialect_of
from jobreport.store.db.expressions import any_of, walk
from jobreport.store.db.prepared import Prepared
from jobreport.store.schema.jobs import job, series
from jobreport.store.schema.jobs import subject as subjects
from jobreport.store.schema.rows import ABOUT

_NONE: Final = literal_column("0", BigInteger)
_DUE: Final = job.c.filed <= bindparam("due", type_=BigInteger())
_ANNOUNCED: Final = Prepared(
    walk(
        select(
            job.c.tenant,
            subjects.c.series,
            func.max(case((_DUE, job.c.filed), else_=_NONE)),
            func.min(case((_DUE, literal_column(str(NEVER), BigInteger)), else_=job.c.filed)),
        ),
        job,
        "job_state",
    )
    # Outer joins, so that the few jobs are looked up first.
    .join_from(job, subjects, ABOUT, isouter=True)
    .outerjoin(series, (series.c.tenant == subjects.c.tenant) & (series.c.series == subjects.c.series))
    .where(
        any_of(job.c.tenant),
        job.c.state == literal_column(str(int(JobState.NotStarted)), Integer),
        # Not those that the watch wrote, since nothing is known of them.
        ~job.c.job_id.between(literal_column("'MR0'", Text), literal_column("'MR:'", Text)),
        job.c.filed > func.coalesce(series.c.good_filed, _NONE),
        func.coalesce(subjects.c.series, literal_column("0", Integer)) > literal_column("0", Integer),
        # The condition of the index.
        job.c.state != literal_column(str(int(JobState.Successful)), Integer),
    )
    .group_by(job.c.tenant, subjects.c.series)
)


class Announced(NamedTuple):
    """When the newest of a series' announced runs was due that should have started and has not, and when the next one
    is due that may still start (ticks; 0: there is none).
    """

    due: int = 0
    coming: int = 0


def announced(connection: Connection, tenants: Collection[int], now: int) -> dict[int, dict[int, Announced]]:
    """Returns what is announced of these tenants at `now` (ticks), by tenant and by number of the series. A run before
    the last good one does not count.
    """
    found: dict[int, dict[int, Announced]] = {}
    values: dict[str, Any] = {"ids": dialect_of(connection).array([*tenants]), "due": now - GRACE}
    for tenant, number, due, coming in _ANNOUNCED.rows(connection, values):
        found.setdefault(tenant, {})[number] = Announced(due, 0 if coming == NEVER else coming)
    return found
