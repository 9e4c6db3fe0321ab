"""What people and programs say of incidents: that they look after one, that they no longer do, and its ticket.

An incident has no acknowledgement of its own: it belongs to whoever has its series (`watch.marks`).
"""

from collections.abc import Sequence

from msgspec.structs import replace

from jobreport.model.audit import Action, Actor, AuditEntry
from jobreport.model.incident import Incident, IncidentState
from jobreport.store import Store, Transaction
from jobreport.store.db import locks
from jobreport.store.registry import audit_log
from jobreport.store.registry.tenants import Tenant
from jobreport.store.watch import incidents, notices
from jobreport.watch import marks


class IncidentError(ValueError):
    """Raised if there is no such incident, or if it is over. The message says so."""


def named(transaction: Transaction, tenant: int, name: str) -> list[Incident]:
    """Returns the incident with this ID, or all of the message that has it. Raises IncidentError if there is none."""
    one = incidents.one_named(transaction, tenant, name)
    found = [one] if one else notices.all_in(transaction, tenant, name)
    if not found:
        raise IncidentError("there is no incident with this ID, and no message about one")
    return found


def acknowledge(
    store: Store, tenant: Tenant, name: str, *, by: Actor, note: str = "", ticket: str = "", until: int = 0
) -> Sequence[Incident]:
    """Says that somebody looks after an incident, or after all of a message, until a time (ticks; 0: until it is well
    again). Returns those that go on.

    Raises IncidentError if there is none that goes on, and MarkError if a text is too long or the time is over.
    """
    numbers = _going_on(store, tenant, name)
    marks.take_several(store, tenant, numbers, by=by, note=note, ticket=ticket, until=until)
    return _now(store, tenant, name)


def release(store: Store, tenant: Tenant, name: str, *, by: Actor) -> Sequence[Incident]:
    """Says that nobody looks after an incident any more, or after all of a message. Returns those that go on.

    Raises IncidentError if there is none that goes on.
    """
    marks.end_several(store, tenant, _going_on(store, tenant, name), by=by)
    return _now(store, tenant, name)


def note_ticket(store: Store, tenant: Tenant, name: str, ticket: str, *, by: Actor) -> Sequence[Incident]:
    """Notes the ticket of an incident, or of all of a message, and returns these. Raises IncidentError."""
    with store.writing() as transaction:
        locks.lock(transaction, tenant.number)
        found = [replace(one, ticket=ticket) for one in named(transaction, tenant.number, name)]
        incidents.note_ticket(transaction, found)
        entry = AuditEntry(
            tenant=tenant.number,
            at=store.clock(),
            actor=by,
            action=Action.IncidentTicket,
            target=f"incident:{name}",
            detail={"ticket": ticket, "incidents": len(found)},
        )
        audit_log.append(transaction, entry)
    return found


def _going_on(store: Store, tenant: Tenant, name: str) -> list[int]:
    with store.reading() as transaction:
        found = [one.series for one in named(transaction, tenant.number, name) if not one.closed]
    if not found:
        raise IncidentError("this incident is over")
    return found


def _now(store: Store, tenant: Tenant, name: str) -> list[Incident]:
    with store.reading() as transaction:
        found = named(transaction, tenant.number, name)
    return [one for one in found if one.state is not IncidentState.CLOSED]
