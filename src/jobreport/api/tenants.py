"""`GET /api/tenants/summary` tells a provider's app how each of its tenants stands, one row each."""

from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from jobreport.contract.query_language import TENANT, read
from jobreport.contract.tenants_answer import TenantsSummary, tenants_summary
from jobreport.identity.apps.permissions import MAY_READ
from jobreport.server import query_string, tenancy
from jobreport.server.operation import Answer, Operation, principal, services
from jobreport.store import Store
from jobreport.threads import READS, in_thread
from jobreport.watch.numbers import standing_by_name

PARAMETERS: Final = (TENANT,)


async def summarise(request: Request) -> Response:
    """Answers with a row for each tenant that the app may ask for, or for the one that the request names."""
    read(query_string.pairs(request), PARAMETERS)
    who = principal(request)
    only = frozenset({who.tenant}) if tenancy.named(request, parameter=True) else who.reach
    answer = await in_thread(READS, _answer, services(request).store, only)
    return Response(answer, media_type="application/json")


def _answer(store: Store, only: frozenset[int] | None) -> bytes:
    return msgspec.json.encode(tenants_summary(store.tenants_summary(only), standing_by_name(store, only)))


SUMMARY: Final = Operation(
    handler=summarise,
    id="Tenants_Summary",
    tag="Series",
    summary="Tells how each tenant stands that the app may ask for: how many series, and how many need somebody.",
    description=(
        "A provider's app need not name a tenant here: each that it may ask for has a row, unless it is suspended. An "
        "app of one tenant gets that one."
    ),
    needs=MAY_READ,
    query=PARAMETERS,
    all_tenants=True,
    compress=True,
    answers={200: Answer("A row for each tenant.", TenantsSummary)},
    faults=(400, 503),
)
