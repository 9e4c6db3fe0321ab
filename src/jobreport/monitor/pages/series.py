"""The pages of series: the list of what repeats and how it stands, and one series with its last runs."""

from datetime import date
from typing import Final

from msgspec.structs import replace
from starlette.requests import Request
from starlette.responses import Response

from jobreport.contract.parameters import SKIPTOKEN
from jobreport.contract.query_language import read
from jobreport.contract.series import SERIES
from jobreport.identity.cursors import SkipTokens
from jobreport.model.catalog import SERVICE_LABELS
from jobreport.model.errors import InvalidInputError
from jobreport.model.series_query import SeriesPage, SeriesQuery, SeriesRuns
from jobreport.monitor import parameters
from jobreport.monitor.html import go_of, moved, render, times_of
from jobreport.monitor.links import by_name
from jobreport.monitor.page import Page, tenant
from jobreport.monitor.views.commands import command_line, curl
from jobreport.monitor.views.filters import series_fields
from jobreport.monitor.views.period import LONGEST, bounds, past
from jobreport.monitor.views.rows import Past
from jobreport.monitor.views.runs import run_rows, usual_words
from jobreport.monitor.views.series import series_list_address, series_view
from jobreport.monitor.views.standing import jobs_of, standing
from jobreport.server import query_string
from jobreport.server.operation import services
from jobreport.server.problem import ProblemError
from jobreport.store import Store
from jobreport.store.query import nights as of_nights
from jobreport.store.query import series as of_lists
from jobreport.store.query.nights import Ended
from jobreport.store.registry.tenants import Tenant
from jobreport.threads import READS, SEARCHES, in_thread

_OF_API: Final = (*SERIES.chosen, *SERIES.paging, SKIPTOKEN)


async def find(request: Request) -> Response:
    """Answers with the series that the query string asks for, and how many of them are not good."""
    of, has, go, times = tenant(request), services(request), go_of(request), times_of(request)
    pairs = parameters.of_question(query_string.pairs(request))
    token = str(
        read([pair for pair in pairs if pair[0].casefold() == SKIPTOKEN.name], [SKIPTOKEN]).get("skiptoken", "")
    )
    asked = [pair for pair in pairs if pair[0].casefold() != SKIPTOKEN.name]
    query = parameters.series_query(asked, of.night.zone)
    written = parameters.written_series(query)
    if sorted(asked) != sorted(written):
        return moved(series_list_address(go, query))
    at = await in_thread(READS, _position, has.skiptokens, of.number, token, query) if token else query
    days = past(of.night, query.at or times.now)
    found, not_well, ended = await in_thread(READS if query.is_short else SEARCHES, _list, has.store, of, at, days)
    following = has.skiptokens.issue(of.number, SERIES.cursor(query, found.next)) if found.next else ""
    return render(
        request,
        "series.html",
        live=True,
        t=times,
        view=series_view(query, found, not_well, Past(of.night, days, ended, of.good), following, times, go),
        is_first=not token,
        first=series_list_address(go, query),
        fields=series_fields(by_name(written)),
        not_good=None
        if query.where.states
        else series_list_address(go, replace(query, where=replace(query.where, states=of.not_good))),
        programs=[
            command_line("series", written),
            curl(has.tokens.issuer, "/api/series", written),
        ],
    )


def _position(skiptokens: SkipTokens, tenant: int, token: str, query: SeriesQuery) -> SeriesQuery:
    """Returns the question from where the token says. Raises InvalidInputError if the token is none of its pages."""
    if not skiptokens.knows(token):
        skiptokens.look_again()
    pairs = [*parameters.written_series(query), (SKIPTOKEN.name, token)]
    found = SERIES.question(pairs, _OF_API, lambda given: skiptokens.read(tenant, given))
    if replace(found, after=None) != query:
        raise InvalidInputError.of(SKIPTOKEN.name, "belongs to another question; leave it out to begin with this one")
    return found


def _list(store: Store, of: Tenant, query: SeriesQuery, days: list[date]) -> tuple[SeriesPage, int, list[Ended]]:
    """Returns the page, how many of all that match are not good, and the jobs of the page's series in these nights."""
    found = store.list_series(of.number, query)
    numbers = [one.number for one in found.series]
    with store.reading() as transaction:
        ended = of_nights.ended(transaction, of.number, numbers, *bounds(of.night, days), longest=LONGEST)
        not_good = of_lists.not_good(transaction, of.number, query)
    return found, not_good, ended


async def show(request: Request) -> Response:
    """Answers with the series whose number or key is in the path."""
    of, go, times = tenant(request), go_of(request), times_of(request)
    found = await in_thread(READS, _one, services(request).store, of.number, request.path_params["series"])
    one, status = found.series, found.series.status
    how = standing(status, times)
    runs = run_rows(found.runs, times, go)
    return render(
        request,
        "one_series.html",
        live=True,
        t=times,
        one=one,
        name=" · ".join(filter(None, (one.plan, one.resource))),
        service=SERVICE_LABELS[one.service],
        how=how,
        mood="good" if how.is_well else "bad" if how.kind == "failed" else "warn",
        runs=runs,
        usual=usual_words(found.usual),
        jobs=go("/jobs", **jobs_of(one)),
        first=times.full(status.first),
        heard=times.full(status.heard),
        good=times.full(status.good_finish) if status.good_id else "",
        programs=[
            command_line("series show", [], str(one.number)),
            curl(services(request).tokens.issuer, f"/api/series/{one.key}", []),
        ],
    )


def _one(store: Store, tenant: int, name: str) -> SeriesRuns:
    found = store.one_series(tenant, name)
    if found is None:
        raise ProblemError(404, "There is no series of this number that has jobs.")
    return found


FIND: Final = Page(handler=find, id="series", compress=True)
SHOW: Final = Page(handler=show, id="one_series", compress=True)
