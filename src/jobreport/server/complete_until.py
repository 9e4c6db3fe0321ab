"""The header `Jobreport-Complete-Until` of every report: until when all streams of all connectors have been read.

So a script that knows only generation 1 does not take "we cannot see" for "nothing failed". A report must not wait for
a second read, so each process reads it every few seconds.
"""

from jobreport.contract.completeness import NAME, value
from jobreport.store import Store
from jobreport.store.registry import connector_freshness, connectors


class CompleteUntil:
    """What the header says for each tenant. A tenant without a connector has none. Thread-safe."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._said: dict[int, dict[str, str]] = {}

    def renew(self) -> None:
        """Reads what it must say now. Raises StoreError."""
        now = self._store.clock()
        with self._store.reading() as transaction:
            tenants = connectors.tenants_with_connectors(transaction)
            until = connector_freshness.complete_until(transaction, tenants)
            lacking = connector_freshness.without_data(transaction, tenants, now)
        self._said = {tenant: {NAME: value(time, lacking.get(tenant, []))} for tenant, time in until.items()}

    def headers(self, tenant: int) -> dict[str, str]:
        """Returns the header for a report of this tenant; nothing if it has no connector."""
        return self._said.get(tenant, {})
