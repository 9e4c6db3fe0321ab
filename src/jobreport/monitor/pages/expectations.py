"""What is expected of the series of a tenant: the list, the most specific first."""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from jobreport.model.series_query import Series, SeriesQuery
from jobreport.monitor.html import go_of, render
from jobreport.monitor.page import Page, tenant_of
from jobreport.monitor.views.expectations import rows, suggested_rows
from jobreport.server.operation import services
from jobreport.store import Store
from jobreport.store.query.series import listing
from jobreport.store.registry import tenants
from jobreport.store.registry.tenants import Tenant
from jobreport.threads import SEARCHES, in_thread
from jobreport.watch.suggestions import Suggestion, suggestions

PATH: Final = "/expectations"
MOST_SUGGESTED: Final = 20
"""So many suggestions are shown, those for the most series first."""
_MOST_SERIES: Final = 2_000
_MOST_MATCHED: Final = 200_000
"""So many series are matched with the patterns of the list, times its expectations; of more it is not counted."""


async def show(request: Request) -> Response:
    """Lists what is expected, and of how many series."""
    store, go = services(request).store, go_of(request)
    of, series, found = await in_thread(SEARCHES, _read, store, tenant_of(request).number)
    suggested = suggested_rows(found[:MOST_SUGGESTED], go)
    return render(request, "expectations.html", rows=[*rows(of, series, go)], suggested=suggested, more=len(found))


def as_it_is(store: Store, number: int) -> Tenant:
    """Returns the tenant as the store has it now, since what is known of it otherwise may be some seconds old."""
    with store.reading() as transaction:
        found = tenants.by_number(transaction, number)
    assert found
    return found


def _read(store: Store, number: int) -> tuple[Tenant, tuple[Series, ...] | None, list[Suggestion]]:
    of = as_it_is(store, number)
    most = min(_MOST_SERIES, _MOST_MATCHED // max(len(of.expectations), 1))
    with store.reading() as transaction:
        page = listing.find(transaction, number, SeriesQuery(size=most))
        found = suggestions(transaction, of, store.clock())
    return of, page.series if page.total <= most else None, found


SHOW: Final = Page(handler=show, id="expectations", compress=True)
