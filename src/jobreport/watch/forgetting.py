"""Deletes incidents that were closed long ago."""

from collections.abc import Iterator
from typing import Final

from jobreport.model import ticks
from jobreport.store import Store
from jobreport.store.db import locks
from jobreport.store.watch import incidents

KEPT_DAYS: Final = 400
"""An incident is kept for so many days after it was closed: an auditor asks for last year."""


def forget(store: Store) -> Iterator[int]:
    """Deletes them, one tenant after the other; gives how many it were of each."""
    before = store.clock() - KEPT_DAYS * ticks.PER_DAY
    with store.reading() as transaction:
        wanted = incidents.closed_before(transaction, before)
    for tenant in sorted(wanted):
        with store.writing() as transaction:
            locks.lock(transaction, tenant)
            yield incidents.delete_closed(transaction, tenant, before)
