"""`GET /backup/vm/jobs`, the job report of generation 2: answers the page of jobs that the query string asks for."""

from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from jobreport.contract import paging
from jobreport.contract.generation2 import JobsPage, item
from jobreport.contract.query_language import TENANT
from jobreport.identity.apps.permissions import MAY_READ
from jobreport.model.query import JobQuery, Page
from jobreport.server import query_string
from jobreport.server.operation import Answer, Operation, Services, principal, services
from jobreport.server.problem import Generation2Problem
from jobreport.threads import READS, SEARCHES, in_thread

PARAMETERS: Final = (*paging.PARAMETERS, TENANT)


async def find(request: Request) -> Response:
    """Answers the page that the query string asks for."""
    has, tenant = services(request), principal(request).tenant
    pairs = query_string.pairs(request)
    if not all(map(has.skiptokens.knows, paging.tokens(pairs))):
        # Off the event loop, since the store is asked.
        await in_thread(READS, has.skiptokens.look_again)
    query = paging.JOBS.question(pairs, PARAMETERS, lambda token: has.skiptokens.read(tenant, token))
    page = has.store.list_at_once(tenant, query)
    if page is not None:
        return Response(_encoded(has, tenant, query, page), media_type="application/json")
    answer = await in_thread(READS if query.is_short else SEARCHES, _answer, has, tenant, query)
    return Response(answer, media_type="application/json")


def _answer(has: Services, tenant: int, query: JobQuery) -> bytes:
    """Returns the page as JSON. Runs in a thread, since it may take a while."""
    return _encoded(has, tenant, query, has.store.list_jobs(tenant, query))


def _encoded(has: Services, tenant: int, query: JobQuery, found: Page) -> bytes:
    now = has.store.clock()
    jobs = [item(line, now) for line in found.lines]
    token = has.skiptokens.issue(tenant, paging.JOBS.cursor(query, found.next)) if found.next else ""
    return msgspec.json.encode(JobsPage(found.total, jobs, token))


OPERATION: Final = Operation(
    handler=find,
    id="BackupJobs_Find",
    tag="Job report",
    summary="Retrieves job information, generation 2.",
    description=(
        "Newest start first, unless `sort` says otherwise. The total counts every match, on every page. Pages that are "
        "walked by `nextLink` miss no job and repeat none while others come, change and go."
    ),
    needs=MAY_READ,
    query=PARAMETERS,
    is_report=True,
    compress=True,
    answers={200: Answer("The page, the exact total, and where the next page begins.", JobsPage)},
    faults=(400, 503),
    problem=Generation2Problem,
)
