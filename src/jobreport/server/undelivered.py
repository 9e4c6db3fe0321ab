"""How many messages could not be delivered, of each tenant: each page says it, for whoever should have been told.

A page must not wait for one more read, so each process reads it every few seconds.
"""

from collections.abc import Collection

from jobreport.store import Store
from jobreport.store.watch import deliveries


class Undelivered:
    """The numbers as they were last read. Thread-safe."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._failed: dict[int, int] = {}

    def renew(self) -> None:
        """Reads them. Raises StoreError."""
        with self._store.reading() as transaction:
            self._failed = deliveries.failed(transaction)

    def number(self, tenants: Collection[int] | None) -> int:
        """Returns how many there are of these tenants; None: of all."""
        found = self._failed
        return sum(found.values()) if tenants is None else sum(found.get(one, 0) for one in tenants)
