"""`GET /api/search`: a page of jobs as generation 2 gives it, with the plan, the resource and all else of each job."""

from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from jobreport.contract import paging
from jobreport.contract.job_details import DetailsPage, details
from jobreport.contract.query_language import TENANT
from jobreport.identity.apps.permissions import MAY_READ
from jobreport.model.query import JobQuery
from jobreport.server import query_string
from jobreport.server.operation import Answer, Operation, Services, principal, services
from jobreport.threads import READS, SEARCHES, in_thread

PARAMETERS: Final = (*paging.PARAMETERS, TENANT)


async def search(request: Request) -> Response:
    """Answers the page that the query string asks for."""
    has, tenant = services(request), principal(request).tenant
    pairs = query_string.pairs(request)
    if not all(map(has.skiptokens.knows, paging.tokens(pairs))):
        # Off the event loop, since the store is asked.
        await in_thread(READS, has.skiptokens.look_again)
    query = paging.JOBS.question(pairs, PARAMETERS, lambda token: has.skiptokens.read(tenant, token))
    answer = await in_thread(READS if query.is_short else SEARCHES, _answer, has, tenant, query)
    return Response(answer, media_type="application/json")


def _answer(has: Services, tenant: int, query: JobQuery) -> bytes:
    """Returns the page as JSON. Runs in a thread, since it may take a while."""
    page, now = has.store.list_details(tenant, query), has.store.clock()
    token = has.skiptokens.issue(tenant, paging.JOBS.cursor(query, page.next)) if page.next else ""
    return msgspec.json.encode(DetailsPage(page.total, [details(row, now) for row in page.rows], token))


OPERATION: Final = Operation(
    handler=search,
    id="Jobs_Search",
    tag="Job report",
    summary="Gives a page of jobs with the plan, the resource and all else that a list can show.",
    description=(
        "The same question, order, total and pages as `GET /backup/vm/jobs`, whose fields each job has, too. A "
        "skiptoken of one of the two is good for the other."
    ),
    needs=MAY_READ,
    query=PARAMETERS,
    is_report=True,
    compress=True,
    answers={200: Answer("The page, the exact total, and where the next page begins.", DetailsPage)},
    faults=(400, 503),
)
