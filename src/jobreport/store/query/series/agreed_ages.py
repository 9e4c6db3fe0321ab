"""Says how old the last good copy of each series may become, and caches the defaults (`model.good_copy_age`).

A default follows from the runs of the last 60 days. They are read again only when the series has a new report.
"""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple
from weakref import WeakKeyDictionary

from sqlalchemy import BigInteger, Connection, Engine, Integer, bindparam, literal_column, select

from jobreport.model.catalog import JobState
from jobreport.model.good_copy_age import COPIES, LOOK_BACK, Ages, Agreed, default_age
from jobreport.model.series_query import Series
from jobreport.store.db import dialect_of
from jobreport.store.db.expressions import any_of
from jobreport.store.db.prepared import Prepared
from jobreport.store.schema.jobs import job, series
from jobreport.store.schema.jobs import subject as subjects

_MOST: Final = 200_000
"""So many series are remembered."""
_AT_ONCE: Final = 2_000
"""The jobs of so many series are in memory at a time."""
_STARTS: Final = Prepared(
    select(subjects.c.series, job.c.filed)
    .select_from(subjects)
    .join(series, (series.c.tenant == subjects.c.tenant) & (series.c.series == subjects.c.series))
    .join(job, (job.c.tenant == subjects.c.tenant) & (job.c.subject == subjects.c.subject))
    .where(
        subjects.c.tenant == bindparam("tenant"),
        any_of(subjects.c.series),
        job.c.filed >= series.c.newest_filed - literal_column(str(LOOK_BACK), BigInteger),
        job.c.state != literal_column(str(int(JobState.NotStarted)), Integer),
    )
)


class SeriesVersion(NamedTuple):
    """A series and its version: its number of jobs and when it was last heard of differ after each new report."""

    series: int
    service: int
    type: int
    plan: str
    resource: str
    origin: str
    jobs: int
    heard: int

    @property
    def about(self) -> tuple[int, int, str, str, str]:
        """Service, type, plan, resource and origin."""
        return self.service, self.type, self.plan, self.resource, self.origin


_Known = dict[tuple[int, int], tuple[SeriesVersion, Agreed | None]]
_KNOWN: Final[WeakKeyDictionary[Engine, _Known]] = WeakKeyDictionary()


def told_of(one: Series) -> SeriesVersion:
    """Returns what is asked of a series."""
    status = one.status
    return SeriesVersion(
        one.number, one.service, one.type, one.plan, one.resource, one.origin, status.jobs, status.heard
    )


def agreed(connection: Connection, tenant: int, asked: Sequence[SeriesVersion], ages: Ages) -> dict[int, Agreed | None]:
    """Returns how old the last good copy of each of these series may become, by its number.

    That is what the `ages` of the tenant say, or else the default. None if its jobs tell no default, or if it leaves no
    copy.
    """
    known = _KNOWN.setdefault(connection.engine, {})
    if len(known) > _MOST:
        known.clear()
    found: dict[int, Agreed | None] = {}
    missing: list[SeriesVersion] = []
    for one in asked:
        if one.type not in COPIES:
            found[one.series] = None
            continue
        if said := ages.agreed(*one.about):
            found[one.series] = said
            continue
        there = known.get((tenant, one.series))
        if there and there[0] == one:
            found[one.series] = there[1]
        else:
            missing.append(one)
    found |= defaults(connection, tenant, missing)
    known.update({(tenant, one.series): (one, found[one.series]) for one in missing})
    return found


def defaults(connection: Connection, tenant: int, asked: Sequence[SeriesVersion]) -> dict[int, Agreed | None]:
    """Returns how old the last good copy of each of these series may become by default, by its number: from its jobs,
    without a memory. None if they tell nothing.
    """
    found: dict[int, Agreed | None] = {}
    for begin in range(0, len(asked), _AT_ONCE):
        several = asked[begin : begin + _AT_ONCE]
        starts: dict[int, list[int]] = {}
        values: dict[str, Any] = {
            "tenant": tenant,
            "ids": dialect_of(connection).array([one.series for one in several]),
        }
        for number, filed in _STARTS.rows(connection, values):
            starts.setdefault(number, []).append(filed)
        found |= {one.series: default_age(starts.get(one.series, ()), one.jobs) for one in several}
    return found
