"""`/healthz`: the process answers. `/readyz`: the store answers too, and is of this version's schema."""

from typing import Annotated, Final

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response

from jobreport.server.operation import Answer, Operation, services
from jobreport.server.problem import RETRY_SECONDS, ProblemError
from jobreport.store import UnusableStoreError
from jobreport.threads import READS, in_thread


class Health(msgspec.Struct, frozen=True):
    """Says that the service is well."""

    status: Annotated[str, Meta(description="Always ok; anything else is an error.")]


_OK: Final = msgspec.json.encode(Health("ok"))


async def alive(_request: Request) -> Response:
    """Says that the process answers."""
    return Response(_OK, media_type="application/json")


async def ready(request: Request) -> Response:
    """Answers whether the service can handle requests."""
    try:
        await in_thread(READS, services(request).store.ready)
    except UnusableStoreError as error:
        headers = {"Retry-After": str(RETRY_SECONDS)}
        raise ProblemError(503, "The store is damaged, or not migrated to this version.", headers=headers) from error
    return Response(_OK, media_type="application/json")


ALIVE: Final = Operation(
    handler=alive,
    id="Health_Alive",
    tag="Health",
    summary="Says that the process answers.",
    answers={200: Answer("It does.", Health)},
)
READY: Final = Operation(
    handler=ready,
    id="Health_Ready",
    tag="Health",
    summary="Says that the store can be reached and is migrated.",
    answers={200: Answer("It can.", Health)},
    faults=(503,),
)
