"""What an operator says of connectors: that a hole is known, or that a stream shall be forgotten."""

from jobreport.identity.tenants import readable
from jobreport.model.audit import ITSELF, Action, Actor, AuditEntry
from jobreport.model.spelling import meant
from jobreport.model.streams import first_of
from jobreport.store import Store
from jobreport.store.db import locks
from jobreport.store.registry import audit_log, connectors
from jobreport.store.registry.connectors import Key


class ConnectorError(ValueError):
    """Raised if there is no such connector, or no such stream. The message says which there are."""


def end(store: Store, tenant: str, name: str, stream: str | None, *, forget: bool, by: Actor = ITSELF) -> int:
    """Ends the holes of a connector, or of one stream of it; with `forget`, all that is known of it goes as well.

    Returns how many holes were ended. Raises ConnectorError, and TenantError if there is no such tenant.
    """
    number = readable(store, tenant).number
    key = Key(number, name)
    with store.writing() as transaction:
        locks.lock(transaction, number)
        known = {one.connector.connector: one for one in connectors.standings(transaction, number)}
        if (standing := known.get(name)) is None:
            there = meant(name, known, f"it has {', '.join(known)}" if known else "none was read for it")
            if elsewhere := connectors.tenants_that_have(transaction, name):
                there += f"; --tenant may be {' or '.join(first_of(elsewhere))}, which has one of this name"
            raise ConnectorError(f"the tenant {tenant} has no connector {name!r} that was ever read: {there}")
        names = [one.stream for one in standing.streams]
        if stream is not None and stream not in names:
            there = meant(stream, names, f"it has {', '.join(first_of(names)) or 'none'}")
            raise ConnectorError(f"the connector {name} has no stream {stream!r}: {there}")
        ended = [hole for hole in standing.holes if stream in (None, hole.stream)]
        if forget and stream is None:
            connectors.end(transaction, key)
        else:
            for one in names if stream is None else [stream]:
                (connectors.end_stream if forget else connectors.end_holes)(transaction, key, one)
        entry = AuditEntry(
            tenant=number,
            at=store.clock(),
            actor=by,
            action=Action.ConnectorForgotten if forget else Action.HolesAcknowledged,
            target=f"connector:{name}",
            detail={"stream": stream, "holes": len(ended)},
        )
        audit_log.append(transaction, entry)
    return len(ended)
