"""Lets go what an inbox could not read, and writes down who did: after that nobody can read it any more."""

from jobreport.model.audit import ITSELF, Action, Actor, AuditEntry
from jobreport.store import Store
from jobreport.store.registry import audit_log, unread


def delete(store: Store, tenant: int, ids: tuple[str, ...], *, by: Actor = ITSELF) -> int:
    """Deletes what is kept unread under these IDs. Returns how many of them there were."""
    with store.writing() as transaction:
        found = [one for one in ids if unread.get(transaction, tenant, one)]
        for one in found:
            unread.end(transaction, tenant, one)
        if found:
            entry = AuditEntry(
                tenant=tenant,
                at=store.clock(),
                actor=by,
                action=Action.UnreadDeleted,
                target="unread",
                detail={"deleted": len(found)},
            )
            audit_log.append(transaction, entry)
    return len(found)
