"""Lists series and how each stands: for the API, the command line and the monitor alike."""

from collections.abc import Sequence
from typing import NamedTuple

from jobreport.model.series_query import SeriesPage, SeriesQuery
from jobreport.store import Store, Transaction
from jobreport.store.query.series import listing
from jobreport.store.registry import tenants
from jobreport.store.registry.tenants import Tenant
from jobreport.watch.numbers import stand_so
from jobreport.watch.series_now import SeriesNow, series_now, series_then


class Listed(NamedTuple):
    """A page of series, and how each of them stands, in their order."""

    page: SeriesPage
    stand: Sequence[SeriesNow]


def listed(store: Store, number: int, query: SeriesQuery) -> Listed:
    """Returns the page of `query`, the exact total, and how its series stand, all from one snapshot."""
    with store.reading_series(query) as transaction:
        tenant = tenants.by_number(transaction, number)
        if tenant is None:
            return Listed(SeriesPage(0, (), None), ())
        return find(transaction, tenant, query, store.clock())


def find(transaction: Transaction, tenant: Tenant, query: SeriesQuery, now: int) -> Listed:
    """Returns the page of `query`, the exact total, and how its series stand at `now` (ticks), from this snapshot."""
    standings = query.where.standings
    chosen = stand_so(transaction, tenant, standings, now) if standings else None
    page = listing.find(transaction, tenant.number, query, chosen)
    if query.at is not None:
        return Listed(page, series_then(transaction, tenant, page.series, query.at))
    return Listed(page, series_now(transaction, tenant, page.series, now))
