"""Reads how the series of many tenants stand by service and by state, for a line each: only what has to be told."""

from collections.abc import Collection, Mapping
from typing import Final, NamedTuple

from sqlalchemy import BigInteger, Connection, Integer, and_, case, func, literal_column, or_, select

from jobreport.store.db import dialect_of
from jobreport.store.db.expressions import any_of, walk
from jobreport.store.db.prepared import Prepared
from jobreport.store.query import attention, needs
from jobreport.store.query.attention import Why
from jobreport.store.schema.jobs import series, series_count

_NONE: Final = literal_column("0", Integer)
_ONE: Final = literal_column("1", Integer)
_SERIES: Final = func.sum(series_count.c.series)
_NOT_GOOD: Final = func.sum(series_count.c.not_good)
_UNJUDGED: Final = func.sum(case((series_count.c.not_good == _NONE, series_count.c.never_good), else_=_NONE))
# If all are not good, those that never were good are among them. If only some are, the counts do not tell: the newest
# job of all may be skipped, and only some had one before that was not good.
_SOME: Final = and_(
    series_count.c.not_good > _NONE,
    series_count.c.not_good < series_count.c.series,
    series_count.c.never_good > _NONE,
)
_UNKNOWN: Final = func.sum(case((_SOME, _ONE), else_=_NONE))
_COUNTS: Final = Prepared(
    select(series_count.c.tenant, series_count.c.service, _SERIES, _NOT_GOOD, _UNJUDGED, _UNKNOWN)
    .where(any_of(series_count.c.tenant))
    .group_by(series_count.c.tenant, series_count.c.service)
    .having(or_(_NOT_GOOD == _SERIES, _UNJUDGED > _NONE, _UNKNOWN > _NONE))
)
_NEVER: Final = Prepared(
    walk(select(series.c.tenant, series.c.service, func.count()), series, "series_good")
    .where(
        any_of(series.c.tenant),
        series.c.good_finish == literal_column("0", BigInteger),
        series.c.not_good == _NONE,
        series.c.jobs > _NONE,
    )
    .group_by(series.c.tenant, series.c.service)
)

_STATES: Final = Prepared(
    select(series_count.c.tenant, series_count.c.state, _NOT_GOOD)
    .where(any_of(series_count.c.tenant))
    .group_by(series_count.c.tenant, series_count.c.state)
    .having(_NOT_GOOD > _NONE)
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
    rows = _COUNTS.rows(connection, {"ids": dialect_of(connection).array([*tenants])})
    unknown = sorted({row[0] for row in rows if row[-1]})
    never = _NEVER.rows(connection, {"ids": dialect_of(connection).array(unknown)}) if unknown else []
    known = {(tenant, service): int(number) for tenant, service, number in never}
    found: dict[int, list[Service]] = {}
    for tenant, *row, mixed in rows:
        service, every, not_good, unjudged = map(int, row)
        if mixed:
            unjudged = known.get((tenant, service), 0)
        if unjudged or not_good == every:
            found.setdefault(tenant, []).append(Service(service, every, not_good, unjudged))
    return found


def not_good(connection: Connection, tenants: Collection[int]) -> dict[int, Mapping[int, int]]:
    """Returns how many series of each tenant are not good, by the state of their newest job that has ended."""
    found: dict[int, dict[int, int]] = {}
    for tenant, state, number in _STATES.rows(connection, {"ids": dialect_of(connection).array([*tenants])}):
        found.setdefault(tenant, {})[state] = int(number)
    return {**found}


def worst_cause(connection: Connection, tenant: int, number: int, without: Collection[int] = ()) -> Why | None:
    """Returns why the series of this number is not good; with 0, the one that is longest without a good copy, but for
    those `without` names. None if it is good, or if nothing is said.
    """
    if number:
        listed = needs.these(connection, tenant, [number])
    else:
        failing = attention.failing(connection, tenant, 1 + len(without))
        listed = [one for one in failing if one.number not in without][:1]
    known = attention.why(connection, tenant, {one.status.ended_id for one in listed if one.status.not_good})
    return next(iter(known.values()), None)
