"""Reads how up to date the connectors of many tenants are, by one statement for all of them.

Every server process asks this every few seconds, and a provider's page asks it for all customers. So the database adds
up the streams of each connector, and their rows are not fetched. `model.streams` says the same of one tenant.
"""

from collections.abc import Collection
from typing import Any, Final, NamedTuple

from sqlalchemy import BigInteger, Connection, Text, and_, bindparam, case, cast, func, literal_column, or_, select

from jobreport.model import ticks
from jobreport.model.streams import SILENT_INTERVALS
from jobreport.store.db import dialect_of
from jobreport.store.db.expressions import any_of
from jobreport.store.db.prepared import Prepared
from jobreport.store.schema.connectors import connector as table
from jobreport.store.schema.connectors import connector_hole as hole
from jobreport.store.schema.connectors import connector_stream as stream

_OF_CONNECTOR: Final = and_(stream.c.tenant == table.c.tenant, stream.c.connector == table.c.connector)
_LATEST: Final = bindparam("now", type_=BigInteger()) - cast(table.c.every, BigInteger) * literal_column(
    str(SILENT_INTERVALS * ticks.PER_SECOND), BigInteger
)
_EMPTY: Final = literal_column("''", Text)
_STREAMS: Final = select(stream.c.stream).where(_OF_CONNECTOR)
_WITHOUT_DATA: Final = Prepared(
    select(table.c.tenant, table.c.connector)
    .where(
        any_of(table.c.tenant),
        or_(
            _STREAMS.where(stream.c.looked < _LATEST, stream.c.added < _LATEST).exists(),
            and_(table.c.error != _EMPTY, ~_STREAMS.exists()),
        ),
    )
    .order_by(table.c.tenant, table.c.connector)
)
_READ: Final = Prepared(
    select(table.c.tenant, func.min(func.coalesce(stream.c.watermark, literal_column("0", BigInteger))))
    .join_from(table, stream, _OF_CONNECTOR, isouter=True)
    .where(any_of(table.c.tenant))
    .group_by(table.c.tenant)
)
_HOLES: Final = Prepared(
    select(hole.c.tenant, func.min(hole.c.begins)).where(any_of(hole.c.tenant)).group_by(hole.c.tenant)
)

_ONE: Final = literal_column("1", BigInteger)
_NONE: Final = literal_column("0", BigInteger)
_SILENT: Final = and_(stream.c.looked < _LATEST, stream.c.added < _LATEST)
_BY_CONNECTOR: Final = Prepared(
    select(
        table.c.tenant,
        table.c.connector,
        table.c.kind,
        func.min(func.coalesce(stream.c.watermark, _NONE)),
        func.sum(case((_SILENT, _ONE), (and_(stream.c.stream.is_(None), table.c.error != _EMPTY), _ONE), else_=_NONE)),
    )
    .join_from(table, stream, _OF_CONNECTOR, isouter=True)
    .where(any_of(table.c.tenant))
    .group_by(table.c.tenant, table.c.connector, table.c.kind)
    .order_by(table.c.tenant, table.c.connector)
)
_HOLES_OF_EACH: Final = Prepared(
    select(hole.c.tenant, hole.c.connector, func.min(hole.c.begins), func.count())
    .where(any_of(hole.c.tenant))
    .group_by(hole.c.tenant, hole.c.connector)
)


class ConnectorFreshness(NamedTuple):
    """How up to date a connector is. `complete_until`: up to when nothing is missing (ticks), as
    `streams.ConnectorStatus` says it. `no_data`: it or one of its streams has no data. `holes`: how many it has.
    """

    tenant: int
    connector: str
    kind: str
    complete_until: int
    no_data: bool
    holes: int


def of_each(connection: Connection, tenants: Collection[int], now: int) -> list[ConnectorFreshness]:
    """Returns how up to date each connector of these tenants is at `now` (ticks)."""
    ids = _ids(connection, tenants)
    holes = {(tenant, name): (begins, number) for tenant, name, begins, number in _HOLES_OF_EACH.rows(connection, ids)}
    found = []
    for tenant, name, kind, read, silent in _BY_CONNECTOR.rows(connection, {**ids, "now": now}):
        begins, number = holes.get((tenant, name), (read, 0))
        found.append(ConnectorFreshness(tenant, name, kind, min(read, begins), bool(silent), int(number)))
    return found


def without_data(connection: Connection, tenants: Collection[int], now: int) -> dict[int, list[str]]:
    """Returns which connectors and streams of these tenants have no data at `now` (ticks); see `streams.no_data`."""
    found: dict[int, list[str]] = {}
    for tenant, name in _WITHOUT_DATA.rows(connection, {**_ids(connection, tenants), "now": now}):
        found.setdefault(tenant, []).append(name)
    return found


def complete_until(connection: Connection, tenants: Collection[int]) -> dict[int, int]:
    """Returns up to when nothing is missing (ticks) for each of these tenants that has a connector."""
    ids = _ids(connection, tenants)
    holes = dict(_HOLES.rows(connection, ids))
    return {tenant: min(read, holes.get(tenant, read)) for tenant, read in _READ.rows(connection, ids)}


def with_holes(connection: Connection, tenants: Collection[int]) -> set[int]:
    """Returns those of these tenants that have a connector with a hole."""
    return {tenant for tenant, _ in _HOLES.rows(connection, _ids(connection, tenants))}


def _ids(connection: Connection, tenants: Collection[int]) -> dict[str, Any]:
    return {"ids": dialect_of(connection).array([*tenants])}
