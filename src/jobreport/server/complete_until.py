"""The header `Jobreport-Complete-Until` of every report: until when all streams of all connectors have been read.

So a script that knows only generation 1 does not take "we cannot see" for "nothing failed". A report must not wait for
a second read, so each process reads it every few seconds.
"""

from typing import Final

from jobreport.contract.connectors_answer import iso_since_1970
from jobreport.model import streams
from jobreport.store import Store
from jobreport.store.registry import connectors

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
            standings = {tenant: connectors.standings(transaction, tenant) for tenant in tenants}
        self._said = {tenant: {NAME: value(found, now)} for tenant, found in standings.items()}

    def headers(self, tenant: int) -> dict[str, str]:
        """Returns the header for a report of this tenant; nothing if it has no connector."""
        return self._said.get(tenant, {})


def value(standings: tuple[streams.Standing, ...], now: int) -> str:
    """Returns the value of the header for a tenant with these connectors, at `now` (ticks)."""
    until = iso_since_1970(streams.complete_until(standings) or 0)
    lacking = streams.no_data(standings, now)
    return f'{until}; no-data="{", ".join(streams.first_of(lacking))}"' if lacking else until
