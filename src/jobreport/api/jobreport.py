"""`POST /api/public/jobreport`, the job report of generation 1: answers the page of jobs that the body asks for."""

from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from jobreport.contract import json_value
from jobreport.contract.generation1 import Jobs, ReportJobModel, ReportJobRequestModel
from jobreport.contract.report_request import parse_query
from jobreport.identity.apps.permissions import MAY_READ
from jobreport.model.catalog import JobState
from jobreport.model.query import JobQuery, Page
from jobreport.server import bodies
from jobreport.server.operation import Answer, Body, Operation, principal, services
from jobreport.store import Store
from jobreport.threads import LONG, READS, SEARCHES, in_thread

MAX_BODY: Final = 64 * 1024
_MANY: Final = 1_000
"""The page size from which a request counts as large. Large pages need much memory while they are encoded."""

_STATES: Final = {state.value: state for state in JobState}


async def report(request: Request) -> Response:
    """Answers the report that the body asks for."""
    bodies.require_json(request)
    query = parse_query(json_value.parse(await bodies.read(request, MAX_BODY)))
    store, tenant = services(request).store, principal(request).tenant
    page = store.list_at_once(tenant, query)
    if page is not None:
        return Response(_encoded(page, store.clock()), media_type="application/json")
    kind = LONG if query.size > _MANY else SEARCHES if query.where.search else READS
    answer = await in_thread(kind, _answer, store, tenant, query)
    return Response(answer, media_type="application/json")


def _answer(store: Store, tenant: int, query: JobQuery) -> bytes:
    """Returns the page as JSON. Runs in a thread, since a search, or a page of ten thousand jobs, takes a while."""
    return _encoded(store.list_jobs(tenant, query), store.clock())


def _encoded(found: Page, now: int) -> bytes:
    jobs = [
        Jobs(
            line.job_id,
            _STATES[line.state],
            line.failed,
            line.successful,
            line.skipped,
            line.total,
            *line.wire_times(now),
            line.comments,
        )
        for line in found.lines
    ]
    return msgspec.json.encode(ReportJobModel(found.total, jobs))


OPERATION: Final = Operation(
    handler=report,
    id="PublicAPI_GetAllJobDetails",
    tag="Job report",
    summary="Retrieves job information.",
    description=(
        "Newest start first, then job ID, descending. The total counts every match, on every page. "
        "A time range takes both of its ends in; a job that has not started is filed under its due time."
    ),
    needs=MAY_READ,
    body=Body({"application/json": ReportJobRequestModel}),
    is_report=True,
    compress=True,
    answers={200: Answer("The page, and the exact total.", ReportJobModel)},
    faults=(400, 413, 415, 503),
)
