"""`GET /api/summary`: adds up the jobs that a question finds, by day, state, plan and the like."""

from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from jobreport.contract import summary
from jobreport.contract.query_language import TENANT
from jobreport.contract.summary import Summary
from jobreport.identity.apps.permissions import MAY_READ
from jobreport.model.summary import MAX_GROUPS, Key, SummaryQuery
from jobreport.server import query_string
from jobreport.server.operation import Answer, Operation, principal, services
from jobreport.store import Store
from jobreport.threads import READS, SEARCHES, in_thread

PARAMETERS: Final = (*summary.PARAMETERS, TENANT)


async def summarise(request: Request) -> Response:
    """Answers the groups that the query string asks for."""
    pairs = [*query_string.pairs(request)]
    query = summary.summary_query(pairs, PARAMETERS)
    store, tenant = services(request).store, principal(request).tenant
    if Key.NIGHT in query.by:
        query = summary.summary_query(pairs, PARAMETERS, await in_thread(READS, store.night_hours, tenant))
    answer = await in_thread(READS if query.is_counted else SEARCHES, _answer, store, tenant, query)
    return Response(answer, media_type="application/json")


def _answer(store: Store, tenant: int, query: SummaryQuery) -> bytes:
    """Returns the groups as JSON. Runs in a thread, since there may be thousands of them."""
    return msgspec.json.encode(store.summary(tenant, query))


OPERATION: Final = Operation(
    handler=summarise,
    id="Summary_Get",
    tag="Job report",
    summary="Adds up jobs by day, night, week, month, hour, service, type, state, plan, resource or origin.",
    description=(
        "Every number is exact, and the answer says what it covers. A group without a job is not listed, and every "
        f"other one is: a question with more than {MAX_GROUPS:,} groups is refused. Days, hours, weeks and "
        "months are those of `tz` in which a job started. Nights are those of the tenant in which it ended."
    ),
    needs=MAY_READ,
    query=PARAMETERS,
    is_report=True,
    compress=True,
    answers={200: Answer("What is covered, the total, and every group.", Summary)},
    faults=(400, 503),
)
