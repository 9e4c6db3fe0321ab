"""Tells how tenants stand, one row each: from the kept counts of series and two looks into indexes for each tenant."""

from collections.abc import Callable, Collection
from functools import partial
from typing import Any, Final

from sqlalchemy import BigInteger, Connection, Integer, bindparam, func, literal_column, select

from jobreport.model.catalog import JobState
from jobreport.model.tenant_summary import TenantSummary
from jobreport.store.db import dialect_of
from jobreport.store.db.expressions import any_of, walk
from jobreport.store.db.prepared import Prepared
from jobreport.store.derived.series_counts import VALUES
from jobreport.store.registry.tenants import TenantStatus, status_of
from jobreport.store.schema.jobs import job, series, series_count
from jobreport.store.schema.registry import tenant as tenants
from jobreport.store.schema.repeated import HEARD

_TENANT: Final = bindparam("tenant", type_=Integer())
_COUNTS: Final = Prepared(
    select(series_count.c.tenant, *(func.sum(series_count.c[name]) for name in VALUES))
    .where(any_of(series_count.c.tenant))
    .group_by(series_count.c.tenant)
)
_OLDEST: Final = Prepared(
    walk(select(series.c.good_finish), series, "series_good")
    .where(series.c.tenant == _TENANT, series.c.good_finish > literal_column("0", BigInteger))
    .order_by(series.c.good_finish)
    .limit(literal_column("1", Integer))
)
_LAST: Final = Prepared(
    walk(select(job.c.filed, HEARD), job, "job_filed")
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

    In a pipeline nothing waits for an answer before all questions are sent (`Prepared.begin`). A file answers at once;
    there a statement that is still open would have to be compiled again for the next tenant.
    """
    dialect = dialect_of(connection)

    def ask(one: Prepared, values: dict[str, Any]) -> Callable[[], list[tuple[Any, ...]]]:
        answer = one.begin(connection, values)
        return answer if dialect.is_shared else partial(list, answer())

    counts = ask(_COUNTS, {"ids": dialect.array([*names])})
    asked = [(number, [ask(one, {"tenant": number, "now": now}) for one in (_OLDEST, _LAST)]) for number in names]

    def rows() -> list[TenantSummary]:
        counted = {number: dict(zip(VALUES, map(int, values), strict=True)) for number, *values in counts()}
        standings = []
        for number, answers in asked:
            oldest, last = (answer() for answer in answers)
            filed, heard = last[0] if last else (0, 0)
            standings.append(
                TenantSummary(
                    name=names[number],
                    **counted.get(number, {}),
                    oldest_good=oldest[0][0] if oldest else 0,
                    last_job=filed,
                    last_report=heard,
                )
            )
        return standings

    return rows


def names(connection: Connection, only: Collection[int] | None, *, suspended: bool) -> dict[int, str]:
    """Returns the names of the tenants by their numbers, sorted by name: `only` of these numbers, or all if it is None.

    Deleted tenants are not among them, and suspended ones only if `suspended`.
    """
    times = [tenants.c[name] for name in ("tenant", "name", "suspended", "deleted", "purged")]
    wanted = {TenantStatus.ACTIVE, TenantStatus.SUSPENDED} if suspended else {TenantStatus.ACTIVE}
    rows = connection.execute(select(*times).order_by(tenants.c.name))
    return {row.tenant: row.name for row in rows if status_of(row) in wanted and (only is None or row.tenant in only)}
