"""`GET /api/series` lists what repeats and how it stands; `GET /api/series/{series}` shows one series with its runs."""

from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from jobreport.contract import paging
from jobreport.contract.query_language import TENANT
from jobreport.contract.series import PARAMETERS as OF_SERIES
from jobreport.contract.series import SERIES
from jobreport.contract.series_answer import SeriesDetail, SeriesList, detail, series_list
from jobreport.identity.apps.permissions import MAY_READ
from jobreport.model.series_query import SeriesQuery
from jobreport.server import query_string
from jobreport.server.operation import Answer, Operation, Services, principal, services
from jobreport.server.problem import ProblemError
from jobreport.store import Store
from jobreport.threads import READS, SEARCHES, in_thread
from jobreport.watch.lists import listed
from jobreport.watch.standing import judgements

PARAMETERS: Final = (*OF_SERIES, TENANT)


async def find(request: Request) -> Response:
    """Answers the page of series that the query string asks for."""
    has, tenant = services(request), principal(request).tenant
    pairs = query_string.pairs(request)
    if not all(map(has.skiptokens.knows, paging.tokens(pairs))):
        # Off the event loop, since the store is asked.
        await in_thread(READS, has.skiptokens.look_again)
    query = SERIES.question(pairs, PARAMETERS, lambda token: has.skiptokens.read(tenant, token))
    answer = await in_thread(READS if query.is_short else SEARCHES, _answer, has, tenant, query)
    return Response(answer, media_type="application/json")


def _answer(has: Services, tenant: int, query: SeriesQuery) -> bytes:
    """Returns the page as JSON. Runs in a thread, since the store is asked."""
    page, stand = listed(has.store, tenant, query)
    token = has.skiptokens.issue(tenant, SERIES.cursor(query, page.next)) if page.next else ""
    return msgspec.json.encode(series_list(page, token, {one.series.number: one.judgement for one in stand}))


async def show(request: Request) -> Response:
    """Answers with the series whose number or key is in the path."""
    store, tenant = services(request).store, principal(request).tenant
    answer = await in_thread(READS, _show, store, tenant, request.path_params["series"])
    return Response(answer, media_type="application/json")


def _show(store: Store, tenant: int, name: str) -> bytes:
    one = store.one_series(tenant, name)
    if one is None:
        raise ProblemError(404, "There is no series of this number or key that has jobs.")
    return msgspec.json.encode(detail(one, store.clock(), judgements(store, tenant, [one.series])))


FIND: Final = Operation(
    handler=find,
    id="Series_Find",
    tag="Series",
    summary="Lists what repeats, and how it stands: its last good job, and since when it is not good.",
    description=(
        "A series is all jobs of one service, type, plan, resource and origin; a job with neither plan nor resource "
        "belongs to none. The total counts every series that matches, on every page."
    ),
    needs=MAY_READ,
    query=PARAMETERS,
    is_report=True,
    compress=True,
    answers={200: Answer("The page, the exact total, and where the next page begins.", SeriesList)},
    faults=(400, 503),
)

SHOW: Final = Operation(
    handler=show,
    id="Series_Get",
    tag="Series",
    summary="Gives one series with its last 30 runs, and what is usual of its last 30 good ones.",
    needs=MAY_READ,
    path_parameters={"series": "The number or the key of the series."},
    is_report=True,
    compress=True,
    answers={200: Answer("The series.", SeriesDetail)},
    faults=(404, 503),
)
