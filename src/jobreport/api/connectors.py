"""`GET /api/connectors` says up to when each connector has read its origin, and what it could not see."""

from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from jobreport.contract.connectors_answer import ConnectorsAnswer, connectors_answer
from jobreport.contract.query_language import TENANT, read
from jobreport.identity.apps.permissions import MAY_READ
from jobreport.server import query_string
from jobreport.server.operation import Answer, Operation, principal, services
from jobreport.store import Store
from jobreport.store.registry import connectors
from jobreport.threads import READS, in_thread

PARAMETERS: Final = (TENANT,)


async def find(request: Request) -> Response:
    """Answers with each connector of the tenant."""
    read(query_string.pairs(request), PARAMETERS)
    answer = await in_thread(READS, _answer, services(request).store, principal(request).tenant)
    return Response(answer, media_type="application/json")


def _answer(store: Store, tenant: int) -> bytes:
    with store.reading() as transaction:
        found = connectors.standings(transaction, tenant)
    return msgspec.json.encode(connectors_answer(found, store.clock()))


FIND: Final = Operation(
    handler=find,
    id="Connectors_Find",
    tag="Job report",
    summary="Tells how far the reading of each origin has come: last good look, newest job, no data, holes.",
    description=(
        "A stream is one list of an origin that can fail alone. One that could not be read for three intervals has no "
        "data, which is not the same as no jobs. A hole is a time whose jobs the origin deleted before anybody read "
        "them."
    ),
    needs=MAY_READ,
    query=PARAMETERS,
    compress=True,
    answers={200: Answer("Every connector, by name.", ConnectorsAnswer)},
    faults=(400, 503),
)
