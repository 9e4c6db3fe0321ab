"""Deletes the rows of operators that count no more: what is over of sessions and links, and old failed sign-ins."""

from jobreport.identity.operators.delays import FORGOTTEN
from jobreport.store import Store
from jobreport.store.registry import operator_links, sessions, sign_in_failures


def delete(store: Store) -> None:
    """Deletes them. It takes no turn of a writer if there are none."""
    now = store.clock()
    with store.reading() as transaction:
        there = (
            sessions.any_over(transaction, now)
            or operator_links.any_over(transaction, now)
            or sign_in_failures.any_before(transaction, now - FORGOTTEN)
        )
    if there:
        with store.writing() as transaction:
            sessions.delete_over(transaction, now)
            operator_links.delete_over(transaction, now)
            sign_in_failures.forget_before(transaction, now - FORGOTTEN)
