"""The header `Jobreport-Complete-Until` of every report: until when all streams of all connectors have been read.

So a script that knows only generation 1 does not take "we cannot see" for "nothing failed". A report must not wait for
a second read, so each process reads it every few seconds.
"""

from collections.abc import Sequence
from typing import Final

from jobreport.contract.connectors_answer import iso_since_1970
from jobreport.model.streams import first_of
from jobreport.store import Store
from jobreport.store.registry import connector_freshness, connectors

NAME: Final = "Jobreport-Complete-Until"
MEANING: Final = {
    NAME: "Until when all connectors of the tenant have been read without a hole; behind it, as `no-data`, those that "
    "have a stream without data. Left out if the tenant has no connector."
}
"""What the documentation says of the header."""


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


def value(until: int, lacking: Sequence[str]) -> str:
    """Returns the value of the header for a tenant whose connectors have all been read `until` then (ticks), and of
    which those that are `lacking` have no data.
    """
    said = iso_since_1970(until)
    return f'{said}; no-data="{", ".join(first_of(lacking))}"' if lacking else said
