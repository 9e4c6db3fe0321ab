"""Reads how the series of many tenants stand by service, for a line each: only what has to be told."""

from collections.abc import Collection
from typing import Final, NamedTuple

from sqlalchemy import Connection, Integer, case, func, literal_column, or_, select

from jobreport.store.db import dialect_of
from jobreport.store.db.expressions import any_of
from jobreport.store.db.prepared import Prepared
from jobreport.store.schema.jobs import series_count

_NONE: Final = literal_column("0", Integer)
_SERIES: Final = func.sum(series_count.c.series)
_NOT_GOOD: Final = func.sum(series_count.c.not_good)
# Where some are not good, those that never were good are among them.
_UNJUDGED: Final = func.sum(case((series_count.c.not_good == _NONE, series_count.c.never_good), else_=_NONE))
_COUNTS: Final = Prepared(
    select(series_count.c.tenant, series_count.c.service, _SERIES, _NOT_GOOD, _UNJUDGED)
    .where(any_of(series_count.c.tenant))
    .group_by(series_count.c.tenant, series_count.c.service)
    .having(or_(_NOT_GOOD == _SERIES, _UNJUDGED > _NONE))
)


class Service(NamedTuple):
    """How many series of one service there are, how many are not good, and how many never were, of those that are not
    counted as not good.
    """

    service: int
    series: int
    not_good: int
    unjudged: int


def services(connection: Connection, tenants: Collection[int]) -> dict[int, list[Service]]:
    """Returns how the series of each tenant stand, by service: only services of which no series is good, or some never
    were.
    """
    found: dict[int, list[Service]] = {}
    for tenant, *row in _COUNTS.rows(connection, {"ids": dialect_of(connection).array([*tenants])}):
        found.setdefault(tenant, []).append(Service(*map(int, row)))
    return found
