"""Incidents of a tenant: what needs somebody, since when, who was told and who has it. Messages lead here."""

from collections.abc import Mapping, Sequence
from typing import Final

from msgspec.structs import replace
from starlette.requests import Request
from starlette.responses import Response

from jobreport.contract.incidents import INCIDENTS, PARAMETERS
from jobreport.contract.query_language import TENANT
from jobreport.identity.cursors import SkipTokens
from jobreport.model.incident import IncidentState
from jobreport.model.incident_groups import Notice
from jobreport.model.incident_query import IncidentPage, IncidentQuery
from jobreport.monitor.html import go_of, render, times_of
from jobreport.monitor.page import Page, tenant_of
from jobreport.monitor.views.incidents import incident_row
from jobreport.server import query_string
from jobreport.server.operation import services
from jobreport.store import Store
from jobreport.store.watch import incident_pages, notices
from jobreport.threads import READS, in_thread

PATH: Final = "/incidents"
A_PAGE: Final = 100
"""Incidents a page."""
_GOES_ON: Final = frozenset({IncidentState.OPEN, IncidentState.HELD})


async def show(request: Request) -> Response:
    """Lists the incidents that the query string asks for: those that go on, unless it says otherwise."""
    of, has, go, times = tenant_of(request), services(request), go_of(request), times_of(request)
    pairs = [pair for pair in query_string.pairs(request) if pair[0].casefold() != TENANT.name]
    query = INCIDENTS.question(pairs, PARAMETERS, lambda token: has.skiptokens.read(of.number, token))
    query = replace(query, size=A_PAGE)
    page, of_each = await in_thread(READS, _read, has.store, of.number, query)
    rows = [
        incident_row(one, of_each.get(one.incident, ()), times, go(f"/series/{one.series}") if one.series else "")
        for one in page.incidents
    ]
    going_on = bool(query.where.states) and {*query.where.states} <= _GOES_ON
    open_ = sum(one.state is IncidentState.OPEN for one in page.incidents)
    return render(
        request,
        "incidents.html",
        live=True,
        t=times,
        rows=rows,
        total=page.total,
        going_on=going_on,
        of_message=bool(query.where.groups),
        other=go(PATH, state="closed") if going_on else go(PATH),
        after=_after(has.skiptokens, of.number, query, page, go(PATH)),
        mood="bad" if open_ else "warn" if going_on and rows else "none" if not going_on else "good",
    )


def _read(store: Store, number: int, query: IncidentQuery) -> tuple[IncidentPage, Mapping[str, Sequence[Notice]]]:
    with store.reading() as transaction:
        page = incident_pages.find(transaction, number, query)
        return page, notices.of_incidents(transaction, number, [one.incident for one in page.incidents])


def _after(tokens: SkipTokens, number: int, query: IncidentQuery, page: IncidentPage, path: str) -> str:
    """Returns the address of the next page; empty on the last one."""
    if page.next is None:
        return ""
    token = tokens.issue(number, INCIDENTS.cursor(query, page.next))
    return f"{path}{'&' if '?' in path else '?'}skiptoken={token}"


SHOW: Final = Page(handler=show, id="incidents", compress=True)
