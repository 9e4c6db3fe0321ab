"""Deletes the rows of operators that count no more: sessions that are over, and failed sign-ins of long ago."""

from jobreport.identity.operators.delays import FORGOTTEN
from jobreport.store import Store
from jobreport.store.registry import sessions, sign_in_failures


def delete(store: Store) -> None:
    """Deletes them. It takes no turn of a writer if there are none."""
    now = store.clock()
    with store.reading() as transaction:
        there = sessions.any_over(transaction, now) or sign_in_failures.any_before(transaction, now - FORGOTTEN)
    if there:
        with store.writing() as transaction:
            sessions.delete_over(transaction, now)
            sign_in_failures.forget_before(transaction, now - FORGOTTEN)
