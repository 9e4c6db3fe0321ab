"""What the rules have told about incidents, in the store: by which rule, in which group, when to look again.

All functions that write expect that the tenant's lock is held.
"""

from collections.abc import Collection, Iterable
from functools import lru_cache
from typing import Any, Final, NamedTuple

import msgspec
from sqlalchemy import (
    BigInteger,
    Connection,
    Row,
    Select,
    bindparam,
    case,
    delete,
    func,
    insert,
    literal_column,
    select,
    update,
)

from jobreport.model.incident import Incident
from jobreport.model.incident_groups import Common, Group, Notice
from jobreport.store.db import dialect_of
from jobreport.store.db.expressions import any_of, walk
from jobreport.store.schema.incidents import incident as incidents
from jobreport.store.schema.incidents import incident_group as groups
from jobreport.store.schema.incidents import incident_told as table
from jobreport.store.watch.incidents import COLUMNS, IS_OPEN, incident_of

_ZERO: Final = literal_column("0", BigInteger)
# Indexes: without statistics SQLite would read all that a tenant ever had.
_DUE: Final = "incident_told_due"
_GROUP: Final = "incident_told_group"
_JOINED: Final = (incidents.c.tenant == table.c.tenant) & (incidents.c.incident == table.c.incident)


class Of(NamedTuple):
    """What a rule told of an incident, and the incident."""

    notice: Notice
    incident: Incident


class Size(NamedTuple):
    """How many open incidents a group has, and of how many of them somebody should hear (`Incident.waits`)."""

    open: int
    waiting: int


NONE: Final = Size(0, 0)

_MINE: Final = tuple(table.c[name] for name in ("rule", "channels", "in_group", "ready", "told", "rank", "due"))
_BOTH: Final[Select[Any]] = (
    select(*COLUMNS, *(column.label(f"told_{column.name}") for column in _MINE))
    .join_from(table, incidents, _JOINED)
    .where(table.c.tenant == bindparam("of"))
)
_THIS: Final = (
    table.c.tenant == bindparam("of"),
    table.c.incident == bindparam("which"),
    table.c.rule == bindparam("by"),
)
_CHANGE: Final = (
    update(table)
    .where(*_THIS)
    .values({name: bindparam(f"new_{name}") for name in ("in_group", "ready", "told", "rank", "due")})
)
_WIDEN: Final = update(table).where(*_THIS).values(channels=bindparam("new_channels"))
_FORGET: Final = delete(table).where(*_THIS)
_WAITS: Final = case(
    ((incidents.c.held == literal_column("''")) & (incidents.c.verdict != literal_column("'maintenance'")), 1), else_=0
)
_OPEN_IN: Final = (
    select(table.c.in_group, func.count(), func.sum(_WAITS))
    .join_from(table, incidents, _JOINED)
    .where(table.c.tenant == bindparam("tenant"), any_of(table.c.in_group), IS_OPEN)
    .group_by(table.c.in_group)
)


def due(connection: Connection, tenant: int, now: int) -> list[Of]:
    """Returns what rules look at now."""
    chosen = walk(_BOTH.where(table.c.due > _ZERO, table.c.due <= now), table, _DUE)
    return [*map(_of, connection.execute(chosen, {"of": tenant}))]


def ready(connection: Connection, tenant: int, rule: str) -> list[Of]:
    """Returns what this rule may tell: what it has not told, and what comes back from a maintenance window."""
    chosen = _BOTH.where(table.c.due > _ZERO, table.c.rule == rule, table.c.ready > _ZERO)
    return [*map(_of, connection.execute(walk(chosen, table, _DUE), {"of": tenant}))]


def of_incidents(connection: Connection, tenant: int, named: Collection[str]) -> dict[str, list[Notice]]:
    """Returns what each rule told of these incidents, by their IDs."""
    found: dict[str, list[Notice]] = {}
    array = {"ids": dialect_of(connection).array(sorted(named))}
    chosen = select(table.c.incident, *_MINE).where(table.c.tenant == tenant, any_of(table.c.incident))
    for row in connection.execute(chosen, array):
        found.setdefault(row.incident, []).append(_told(*row))
    return found


def in_groups(connection: Connection, tenant: int, named: Collection[str]) -> dict[str, list[Incident]]:
    """Returns the open incidents of these groups, by the ID of the group."""
    found: dict[str, list[Incident]] = {}
    array = {"of": tenant, "ids": dialect_of(connection).array(sorted(named))}
    for row in connection.execute(walk(_BOTH.where(any_of(table.c.in_group), IS_OPEN), table, _GROUP), array):
        found.setdefault(row.told_in_group, []).append(incident_of(row))
    return found


def all_in(connection: Connection, tenant: int, group: str) -> list[Incident]:
    """Returns all incidents of a group, open or closed."""
    chosen = walk(_BOTH.where(table.c.in_group == group), table, _GROUP)
    return [incident_of(row) for row in connection.execute(chosen, {"of": tenant})]


def open_in(connection: Connection, tenant: int, named: Collection[str]) -> dict[str, Size]:
    """Returns how many open incidents these groups have, by their IDs; without those that have none."""
    values = {"tenant": tenant, "ids": dialect_of(connection).array(sorted(named))}
    rows = connection.execute(_OPEN_IN, values)
    return {group: Size(int(number), int(waiting)) for group, number, waiting in rows}


def add(connection: Connection, tenant: int, those: Iterable[Notice]) -> None:
    """Stores that rules are about these incidents."""
    rows = [
        {"tenant": tenant, "channels": ",".join(one.channels), "in_group": one.group}
        | {name: getattr(one, name) for name in ("incident", "rule", "ready", "told", "rank", "due")}
        for one in those
    ]
    if rows:
        connection.execute(insert(table), rows)


def change(connection: Connection, tenant: int, those: Iterable[Notice]) -> None:
    """Stores what rules have told by now."""
    rows = [
        {"of": tenant, "which": one.incident, "by": one.rule, "new_in_group": one.group}
        | {f"new_{name}": getattr(one, name) for name in ("ready", "told", "rank", "due")}
        for one in those
    ]
    if rows:
        connection.execute(_CHANGE, rows)


def widen(connection: Connection, tenant: int, those: Iterable[Notice]) -> None:
    """Stores by which channels rules tell of these."""
    rows = [
        {"of": tenant, "which": one.incident, "by": one.rule, "new_channels": ",".join(one.channels)} for one in those
    ]
    if rows:
        connection.execute(_WIDEN, rows)


def have_told(
    connection: Connection, tenant: int, rule: str, named: Iterable[str], group: str, now: int, rank: int
) -> None:
    """Stores that a rule told of these incidents now, in a group and with a rank."""
    array: dict[str, Any] = {"ids": dialect_of(connection).array(sorted(named))}
    mine = table.c.tenant == tenant, table.c.rule == rule, any_of(table.c.incident)
    values = {"in_group": group, "ready": 0, "told": now, "rank": rank, "due": 0}
    connection.execute(update(table).where(*mine).values(values), array)


def forget(connection: Connection, tenant: int, those: Iterable[Notice]) -> None:
    """Deletes these: there is nothing to tell of them by their rules."""
    rows = [{"of": tenant, "which": one.incident, "by": one.rule} for one in those]
    if rows:
        connection.execute(_FORGET, rows)


def open_groups(connection: Connection, tenant: int) -> list[Group]:
    """Returns the groups of the tenant that are not closed, the newest first."""
    chosen = select(groups).where(groups.c.tenant == tenant, groups.c.closed == _ZERO)
    chosen = walk(chosen, groups, "incident_group_open")
    return [*map(_group, connection.execute(chosen.order_by(groups.c.begun.desc(), groups.c.in_group)))]


def put_group(connection: Connection, group: Group) -> None:
    """Stores how a group is now."""
    which = groups.c.tenant == group.tenant, groups.c.in_group == group.group
    values = msgspec.structs.asdict(group)
    row = {name: values[name] for name in ("tenant", "rule", "begun", "told", "number", "size", "due", "closed")}
    row |= {"channels": ",".join(group.channels), "common": group.common.value, "common_key": group.key}
    if not connection.execute(update(groups).where(*which).values(row)).rowcount:
        connection.execute(insert(groups).values(row | {"in_group": group.group}))


def _of(row: Row[Any]) -> Of:
    one = incident_of(row)
    return Of(_told(one.incident, *row[len(COLUMNS) :]), one)


def _told(incident: str, rule: str, channels: str, group: str, ready: int, told: int, rank: int, due: int) -> Notice:
    return Notice(
        incident=incident,
        rule=rule,
        channels=_split(channels),
        group=group,
        ready=ready,
        told=told,
        rank=rank,
        due=due,
    )


def _group(row: Row[Any]) -> Group:
    values = {name: row._mapping[name] for name in Group.__struct_fields__ if name in row._mapping}
    more = {"group": row.in_group, "channels": _split(row.channels), "common": Common(row.common)}
    return Group(**values | more | {"key": row.common_key})


@lru_cache(maxsize=1024)
def _split(channels: str) -> tuple[str, ...]:
    return tuple(filter(None, channels.split(",")))
