"""Counts and lists how series stand by their last verdicts, without reading the series that are well."""

from collections import Counter
from collections.abc import Collection
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    BigInteger,
    Connection,
    Integer,
    SmallInteger,
    Text,
    bindparam,
    exists,
    func,
    literal_column,
    select,
)

from jobreport.model.judgement import Verdict
from jobreport.model.need import Need
from jobreport.store.db import dialect_of
from jobreport.store.db.expressions import any_of, walk
from jobreport.store.db.prepared import Prepared
from jobreport.store.schema.jobs import series, series_count
from jobreport.store.schema.watch import series_verdict as table

_OF_TENANT: Final = table.c.tenant == bindparam("tenant")
# The conditions of the indexes.
_NOT_WELL: Final = table.c.need > literal_column("0", SmallInteger)
_HAS_AGE: Final = table.c.too_old > literal_column("0", BigInteger)
_ABOUT: Final = (table.c.need, table.c.state, table.c.service)
_COUNTS: Final = Prepared(
    walk(select(table.c.tenant, *_ABOUT, func.count()), table, "series_verdict_need")
    .where(any_of(table.c.tenant), _NOT_WELL)
    .group_by(table.c.tenant, *_ABOUT)
)
_NOT_MET: Final = Prepared(
    walk(select(table.c.tenant, table.c.verdict, func.count()), table, "series_verdict_not_met")
    .where(any_of(table.c.tenant), table.c.verdict != literal_column("'met'", Text))
    .group_by(table.c.tenant, table.c.verdict)
)
_FIRST: Final = Prepared(
    walk(select(table.c.series), table, "series_verdict_need")
    .where(_OF_TENANT, _NOT_WELL, table.c.need == bindparam("need", type_=SmallInteger()))
    .order_by(table.c.place, table.c.series)
    .limit(bindparam("most", type_=Integer()))
)
_NUMBERS: Final = Prepared(
    walk(select(table.c.series, table.c.need), table, "series_verdict_need").where(
        _OF_TENANT, _NOT_WELL, any_of(table.c.need)
    )
)
_OF_THESE: Final = Prepared(select(table.c.series, table.c.need).where(_OF_TENANT, any_of(table.c.series)))
_TOO_OLD: Final = Prepared(
    walk(select(table.c.tenant, func.count()), table, "series_verdict_too_old")
    .where(any_of(table.c.tenant), _HAS_AGE, table.c.too_old < bindparam("now", type_=BigInteger()))
    .group_by(table.c.tenant)
)
_FIRST_TOO_OLD: Final = Prepared(
    walk(select(table.c.series, table.c.too_old), table, "series_verdict_too_old")
    .where(_OF_TENANT, _HAS_AGE)
    .order_by(table.c.too_old, table.c.series)
    .limit(bindparam("most", type_=Integer()))
)
_EVERY: Final = Prepared(
    select(series_count.c.tenant, series_count.c.service, func.sum(series_count.c.series))
    .where(any_of(series_count.c.tenant))
    .group_by(series_count.c.tenant, series_count.c.service)
)
_NEVER_JUDGED: Final = Prepared(
    walk(select(series.c.tenant, func.count()), series, "series_judge")
    .where(
        any_of(series.c.tenant),
        series.c.judge_at <= bindparam("now", type_=BigInteger()),
        series.c.jobs > literal_column("0", Integer),
        ~exists().where(table.c.tenant == series.c.tenant, table.c.series == series.c.series),
    )
    .group_by(series.c.tenant)
)


class Stand(NamedTuple):
    """How a series counts: how it stands; the state of its newest ended job if that is not good (else 0); and its
    service.
    """

    need: Need
    state: int
    service: int


def counted(connection: Connection, tenants: Collection[int]) -> dict[int, Counter[Stand]]:
    """Returns how many series of each tenant stand in which way, but for those that are well."""
    found: dict[int, Counter[Stand]] = {tenant: Counter() for tenant in tenants}
    for tenant, need, state, service, number in _COUNTS.rows(connection, _ids(connection, tenants)):
        found[tenant][Stand(Need(need), state, service)] = int(number)
    return found


def not_met(connection: Connection, tenants: Collection[int]) -> dict[int, Counter[Verdict]]:
    """Returns how many series of each tenant have which verdict, but for those that are as they should be."""
    found: dict[int, Counter[Verdict]] = {tenant: Counter() for tenant in tenants}
    for tenant, verdict, number in _NOT_MET.rows(connection, _ids(connection, tenants)):
        found[tenant][Verdict(verdict)] = int(number)
    return found


def every(connection: Connection, tenants: Collection[int]) -> dict[int, Counter[int]]:
    """Returns how many series each tenant has, by the code of the service."""
    found: dict[int, Counter[int]] = {tenant: Counter() for tenant in tenants}
    for tenant, service, number in _EVERY.rows(connection, _ids(connection, tenants)):
        if number:
            found[tenant][service] = int(number)
    return found


def first(connection: Connection, tenant: int, need: Need, most: int) -> list[int]:
    """Returns the first so many series that stand so, by their place (`model.need.rank`)."""
    values = {"tenant": tenant, "need": int(need), "most": most}
    return [number for (number,) in _FIRST.rows(connection, values)]


def numbers(connection: Connection, tenant: int, needs: Collection[Need]) -> dict[int, Need]:
    """Returns all series that stand in one of these ways (none of them well), by their numbers."""
    values = {"tenant": tenant, "ids": dialect_of(connection).array([*map(int, needs)])}
    return {number: Need(need) for number, need in _NUMBERS.rows(connection, values)}


def of_these(connection: Connection, tenant: int, series: Collection[int]) -> dict[int, Need]:
    """Returns how these series stand, by their numbers. Those that were never judged are left out."""
    values = {"tenant": tenant, "ids": dialect_of(connection).array([*series])}
    return {number: Need(need) for number, need in _OF_THESE.rows(connection, values)}


def too_old(connection: Connection, tenants: Collection[int], now: int) -> dict[int, int]:
    """Returns how many copies of each tenant are older at `now` (ticks) than expected."""
    values = {**_ids(connection, tenants), "now": now}
    return {tenant: int(number) for tenant, number in _TOO_OLD.rows(connection, values)}


def first_too_old(connection: Connection, tenant: int, most: int) -> list[tuple[int, int]]:
    """Returns the first so many series whose copies get too old, or did so first, and when (ticks)."""
    return [(number, at) for number, at in _FIRST_TOO_OLD.rows(connection, {"tenant": tenant, "most": most})]


def never_judged(connection: Connection, tenants: Collection[int], now: int) -> dict[int, int]:
    """Returns how many series of each tenant are due at `now` (ticks) and were never judged."""
    values = {**_ids(connection, tenants), "now": now}
    return {tenant: int(number) for tenant, number in _NEVER_JUDGED.rows(connection, values)}


def _ids(connection: Connection, tenants: Collection[int]) -> dict[str, Any]:
    return {"ids": dialect_of(connection).array([*tenants])}
