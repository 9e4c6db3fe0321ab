"""Reads when each series of a tenant last ended well, the longest ago first."""

from collections.abc import Collection
from typing import Final, NamedTuple

from sqlalchemy import BigInteger, Connection, Integer, Select, bindparam, literal_column, select

from jobreport.model.good_copy_age import COPIES
from jobreport.store.db.expressions import walk
from jobreport.store.db.prepared import Prepared
from jobreport.store.schema.jobs import series

_NAMES: Final = ("series", "service", "type", "plan", "resource", "origin", "good_finish")
_OF_TENANT: Final = series.c.tenant == bindparam("tenant")


def _ordered(statement: Select[tuple[object, ...]]) -> Prepared:
    ordered = walk(statement, series, "series_good").order_by(series.c.good_finish, series.c.series)
    return Prepared(ordered.limit(bindparam("most", type_=Integer())))


_LISTED: Final = _ordered(
    select(*(series.c[name] for name in _NAMES)).where(_OF_TENANT, series.c.jobs > literal_column("0", Integer))
)
_COPIES: Final = _ordered(
    select(series.c.series, series.c.good_finish).where(
        _OF_TENANT,
        series.c.good_finish > literal_column("0", BigInteger),
        series.c.type.in_([literal_column(str(int(kind)), Integer) for kind in sorted(COPIES)]),
    )
)


class LastSuccess(NamedTuple):
    """A series, and when its last good job ended (ticks; 0: it never had one)."""

    series: int
    service: int
    type: int
    plan: str
    resource: str
    origin: str
    good_finish: int


def last_successes(connection: Connection, tenant: int, most: int, without: Collection[int]) -> list[LastSuccess]:
    """Returns so many series of the tenant, except those `without` names: first those that never ended well, then those
    that have not for the longest time.
    """
    if not most:
        return []
    rows = _LISTED.rows(connection, {"tenant": tenant, "most": most + len(without)})
    return [LastSuccess(*row) for row in rows if row[0] not in without][:most]


def oldest_copy(connection: Connection, tenant: int, without: Collection[int]) -> int:
    """Returns when the last good copy of that series was made whose last one is the oldest (ticks); 0 if none has a
    copy. Left out: the series `without` names.
    """
    rows = _COPIES.rows(connection, {"tenant": tenant, "most": 1 + len(without)})
    return next((int(made) for number, made in rows if number not in without), 0)
