"""Connectors in the store: who reads one now, how far its streams have come, what is unfinished there, and its holes.

A pass holds the lease of its connector by a token, and renews it while it works. What it has read is only
written while it still holds it, so a pass that was thought dead, and goes on, changes nothing. All functions that write
expect that the tenant's lock is held.
"""

from collections.abc import Collection, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Row, Table, bindparam, delete, insert, select, update

from jobreport.model.sees import Sees
from jobreport.model.streams import ConnectorState, ConnectorStatus, Hole, StreamState
from jobreport.store.db import dialect_of, locks
from jobreport.store.db.errors import StoreError
from jobreport.store.schema.connectors import connector as table
from jobreport.store.schema.connectors import connector_hole as hole
from jobreport.store.schema.connectors import connector_job as unfinished
from jobreport.store.schema.connectors import connector_next_run as next_run
from jobreport.store.schema.connectors import connector_stream as stream
from jobreport.store.schema.registry import tenant as tenants

_TABLES: Final = (table, stream, unfinished, hole, next_run)
_OF_TENANT: Final = select(table).where(table.c.tenant == bindparam("of_tenant")).order_by(table.c.connector)
_BUT_STATE: Final = [column for column in stream.columns if column is not stream.c.state]
"""What is told of a stream: its connector's own state is for its next look alone, and may be long."""


class TakenOverError(StoreError):
    """Raised where a pass is not the one that holds its connector any more."""


class Key(msgspec.Struct, frozen=True):
    """Names a connector: it is one of a tenant's."""

    tenant: int
    connector: str


class Unfinished(msgspec.Struct, frozen=True, kw_only=True):
    """A job that a stream told of and that has not ended: a hash of what was last told, and since when that is so."""

    job_id: str
    digest: bytes
    changed: int
    presumed: bool = False


def claim(connection: Connection, key: Key, kind: str, every: int, holder: str, now: int, until: int) -> bool:
    """Takes a connector for the pass `holder`, until then. Returns False if another pass has it. Times are ticks."""
    locks.lock(connection, key.tenant)
    new = dialect_of(connection).insert_or_ignore(table)
    first = {"kind": kind, "every": every, "begun": 0, "error": "", "holder": "", "held": 0}
    connection.execute(new.values(tenant=key.tenant, connector=key.connector, **first))
    of_it = _of(table, key)
    row = connection.execute(select(table).where(*of_it)).one()
    if row.holder not in ("", holder) and _state(row).is_held(now):
        return False
    changes = {"kind": kind, "every": every, "holder": holder, "held": until, "begun": now}
    connection.execute(update(table).where(*of_it).values(**changes))
    return True


def require(connection: Connection, key: Key, holder: str, until: int) -> None:
    """Prolongs the time for which a pass holds its connector. Raises TakenOverError if it does not hold it any more."""
    mine = (*_of(table, key), table.c.holder == holder)
    if not connection.execute(update(table).where(*mine).values(held=until)).rowcount:
        raise TakenOverError(f"another process reads the connector {key.connector} now")


def release(connection: Connection, key: Key, holder: str, error: str) -> None:
    """Ends a pass; `error` says why it could not find its streams. It does nothing if the pass was taken over."""
    locks.lock(connection, key.tenant)
    mine = (*_of(table, key), table.c.holder == holder)
    connection.execute(update(table).where(*mine).values(holder="", held=0, error=error))


def origin(connection: Connection, key: Key) -> str:
    """Returns the origin that the jobs of a connector bear."""
    return f"{connection.execute(select(table.c.kind).where(*_of(table, key))).scalar_one()}/{key.connector}"


def streams(connection: Connection, key: Key) -> dict[str, StreamState]:
    """Returns how far each stream of a connector has been read, by its name."""
    rows = connection.execute(select(stream).where(*_of(stream, key)))
    return {row.stream: _stream(row) for row in rows}


def errors(connection: Connection, key: Key) -> list[str]:
    """Returns why the last pass over a connector did not read all: that its streams could not be found, and what each
    of them lacked. It is empty if all were read.
    """
    first = connection.execute(select(table.c.error).where(*_of(table, key))).scalars()
    others = select(stream.c.error).where(*_of(stream, key), stream.c.failing > 0).order_by(stream.c.stream)
    return [*filter(None, first), *connection.execute(others).scalars()]


def put_stream(connection: Connection, key: Key, state: StreamState) -> None:
    """Stores how far a stream has been read."""
    of_it = (*_of(stream, key), stream.c.stream == state.stream)
    values = msgspec.structs.asdict(state) | {"sees": state.sees.value}
    if not connection.execute(update(stream).where(*of_it).values(**values)).rowcount:
        connection.execute(insert(stream).values(tenant=key.tenant, connector=key.connector, **values))


def note_tried(connection: Connection, key: Key, state: StreamState) -> None:
    """Stores when a look at a stream began that goes on; all else of it is left as it is stored."""
    of_it = (*_of(stream, key), stream.c.stream == state.stream)
    if not connection.execute(update(stream).where(*of_it).values(tried=state.tried)).rowcount:
        put_stream(connection, key, state)


def unfinished_jobs(connection: Connection, key: Key, of_stream: str) -> dict[str, Unfinished]:
    """Returns the jobs of a stream that have not ended, by ID."""
    rows = connection.execute(select(unfinished).where(*_of(unfinished, key), unfinished.c.stream == of_stream))
    return {
        row.job_id: Unfinished(job_id=row.job_id, digest=bytes(row.digest), changed=row.changed, presumed=row.presumed)
        for row in rows
    }


def put_unfinished(connection: Connection, key: Key, of_stream: str, jobs: Sequence[Unfinished]) -> None:
    """Stores jobs of a stream that have not ended, each in the place of what was known of it."""
    end_unfinished(connection, key, of_stream, [job.job_id for job in jobs])
    if jobs:
        about = {"tenant": key.tenant, "connector": key.connector, "stream": of_stream}
        connection.execute(insert(unfinished), [about | msgspec.structs.asdict(job) for job in jobs])


def end_unfinished(connection: Connection, key: Key, of_stream: str, job_ids: Collection[str]) -> None:
    """Deletes jobs of a stream from those that have not ended."""
    ids = [*job_ids]
    for first in range(0, len(ids), 500):
        of_them = unfinished.c.job_id.in_(ids[first : first + 500])
        connection.execute(delete(unfinished).where(*_of(unfinished, key), unfinished.c.stream == of_stream, of_them))


def add_hole(connection: Connection, key: Key, new: Hole) -> None:
    """Stores a hole of a stream."""
    values = {"tenant": key.tenant, "connector": key.connector, **msgspec.structs.asdict(new)}
    connection.execute(dialect_of(connection).insert_or_ignore(hole).values(**values))


def end_holes(connection: Connection, key: Key, of_stream: str) -> None:
    """Deletes the holes of a stream."""
    connection.execute(delete(hole).where(*_of(hole, key), hole.c.stream == of_stream))


def end_stream(connection: Connection, key: Key, of_stream: str) -> None:
    """Deletes what is known of a stream. Its jobs stay."""
    for one in (stream, unfinished, hole, next_run):
        connection.execute(delete(one).where(*_of(one, key), one.c.stream == of_stream))


def end(connection: Connection, key: Key) -> None:
    """Deletes what is known of a connector. Its jobs stay."""
    for one in _TABLES:
        connection.execute(delete(one).where(*_of(one, key)))


def end_all(connection: Connection, tenant: int) -> None:
    """Deletes what is known of all connectors of a tenant."""
    for one in _TABLES:
        connection.execute(delete(one).where(one.c.tenant == tenant))


def states(connection: Connection, tenant: int) -> list[ConnectorState]:
    """Returns the connectors of the tenant without their streams, by name."""
    return [*map(_state, connection.execute(_OF_TENANT, {"of_tenant": tenant}))]


def standings(connection: Connection, tenant: int) -> tuple[ConnectorStatus, ...]:
    """Returns how each connector of the tenant stands, by name; its streams without their `state`."""
    found = states(connection, tenant)
    if not found:
        return ()
    read: dict[str, list[StreamState]] = {}
    for row in connection.execute(select(*_BUT_STATE).where(stream.c.tenant == tenant).order_by(stream.c.stream)):
        read.setdefault(row.connector, []).append(_stream(row))
    lost: dict[str, list[Hole]] = {}
    for row in connection.execute(select(hole).where(hole.c.tenant == tenant).order_by(hole.c.stream, hole.c.begins)):
        lost.setdefault(row.connector, []).append(Hole(**_fields(row, Hole)))
    return tuple(
        ConnectorStatus(
            connector=one, streams=tuple(read.get(one.connector, ())), holes=tuple(lost.get(one.connector, ()))
        )
        for one in found
    )


def tenants_with_connectors(connection: Connection) -> dict[int, str]:
    """Returns the numbers and names of tenants that have a connector and are not deleted."""
    having = select(table.c.tenant).distinct()
    chosen = select(tenants.c.tenant, tenants.c.name).where(tenants.c.tenant.in_(having), tenants.c.deleted.is_(None))
    return {row.tenant: row.name for row in connection.execute(chosen)}


def tenants_that_have(connection: Connection, connector: str) -> list[str]:
    """Returns the names of the tenants that have a connector of this name and are not deleted, in order."""
    having = select(table.c.tenant).where(table.c.connector == connector)
    chosen = select(tenants.c.name).where(tenants.c.tenant.in_(having), tenants.c.deleted.is_(None))
    return list(connection.execute(chosen.order_by(tenants.c.name)).scalars())


def _of(one: Table, key: Key) -> tuple[Any, ...]:
    return one.c.tenant == key.tenant, one.c.connector == key.connector


def _state(row: Row[Any]) -> ConnectorState:
    return ConnectorState(**_fields(row, ConnectorState))


def _stream(row: Row[Any]) -> StreamState:
    values = _fields(row, StreamState)
    return StreamState(**values | {"sees": Sees(values["sees"])})


def _fields(row: Row[Any], of: type[msgspec.Struct]) -> dict[str, Any]:
    """Returns what a row has of the fields of a struct."""
    return {name: value for name, value in row._mapping.items() if name in of.__struct_fields__}
