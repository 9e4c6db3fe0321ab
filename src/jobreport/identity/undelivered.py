"""Lets messages that could not be delivered be tried again, or lets go of them, and writes down who did."""

from jobreport.model.audit import ITSELF, SERVICE, Action, Actor, AuditEntry
from jobreport.store import Store, Transaction
from jobreport.store.registry import audit_log
from jobreport.store.watch import undelivered


def try_again(store: Store, channel: str | None, *, by: Actor = ITSELF) -> int:
    """Has all that was given up, or was tried in vain so far, tried now and for another day, of one channel or of all.
    Returns how many these are.
    """
    with store.writing() as transaction:
        number = undelivered.try_again(transaction, channel, store.clock())
        _note(store, transaction, Action.MessagesRetried, channel, number, by)
    return number


def drop(store: Store, channel: str | None, *, by: Actor = ITSELF) -> int:
    """Deletes all that was given up, of one channel or of all. Returns how many these were."""
    with store.writing() as transaction:
        number = undelivered.drop_failed(transaction, channel)
        _note(store, transaction, Action.MessagesDropped, channel, number, by)
    return number


def _note(store: Store, transaction: Transaction, action: Action, channel: str | None, number: int, by: Actor) -> None:
    if number:
        about = {"messages": number, "channel": channel}
        entry = AuditEntry(tenant=SERVICE, at=store.clock(), actor=by, action=action, target="messages", detail=about)
        audit_log.append(transaction, entry)
