"""Tells how tenants stand, one row each: from the kept counts of series and two looks into indexes for each tenant."""

from collections.abc import Callable, Collection
from typing import Final

from sqlalchemy import BigInteger, Connection, Integer, bindparam, func, literal_column, select

from jobreport.model.catalog import JobState
from jobreport.model.tenant_summary import TenantSummary
from jobreport.store.db.expressions import walk
from jobreport.store.db.prepared import Prepared
from jobreport.store.derived.series_counts import VALUES
from jobreport.store.registry.tenants import Standing, standing
from jobreport.store.schema.jobs import job, series, series_count
from jobreport.store.schema.registry import tenant as tenants

_TENANT: Final = bindparam("tenant", type_=Integer())
_COUNTS: Final = Prepared(
    select(*(func.coalesce(func.sum(series_count.c[name]), 0) for name in VALUES)).where(
        series_count.c.tenant == _TENANT
    )
)
_OLDEST: Final = Prepared(
    walk(select(series.c.good_finish), series, "series_good")
    .where(series.c.tenant == _TENANT, series.c.good_finish > literal_column("0", BigInteger))
    .order_by(series.c.good_finish)
    .limit(literal_column("1", Integer))
)
_LAST: Final = Prepared(
    walk(select(job.c.filed, job.c.heard), job, "job_filed")
    .where(
        job.c.tenant == _TENANT,
        job.c.filed <= bindparam("now", type_=BigInteger()),
        job.c.state != literal_column(str(int(JobState.NotStarted)), Integer),
    )
    .order_by(job.c.filed.desc(), job.c.job_id.desc())
    .limit(literal_column("1", Integer))
)


def begin(connection: Connection, names: dict[int, str], now: int) -> Callable[[], list[TenantSummary]]:
    """Begins to read how these tenants stand at `now` (ticks). Returns a function that returns a row for each.

    In a pipeline nothing waits for an answer before all questions are sent (`Prepared.begin`).
    """
    asked = [
        (name, [one.begin(connection, {"tenant": number, "now": now}) for one in (_COUNTS, _OLDEST, _LAST)])
        for number, name in names.items()
    ]

    def rows() -> list[TenantSummary]:
        found = []
        for name, answers in asked:
            counts, oldest, last = (answer() for answer in answers)
            values = dict(zip(VALUES, map(int, counts[0]), strict=True))
            filed, heard = last[0] if last else (0, 0)
            good = oldest[0][0] if oldest else 0
            found.append(TenantSummary(name=name, **values, oldest_good=good, last_job=filed, last_report=heard))
        return found

    return rows


def names(connection: Connection, only: Collection[int] | None, *, suspended: bool) -> dict[int, str]:
    """Returns the names of the tenants by their numbers, sorted by name: `only` of these numbers, or all if it is None.

    Deleted tenants are not among them, and suspended ones only if `suspended`.
    """
    times = [tenants.c[name] for name in ("tenant", "name", "suspended", "deleted", "purged")]
    wanted = {Standing.ACTIVE, Standing.SUSPENDED} if suspended else {Standing.ACTIVE}
    rows = connection.execute(select(*times).order_by(tenants.c.name))
    return {row.tenant: row.name for row in rows if standing(row) in wanted and (only is None or row.tenant in only)}
