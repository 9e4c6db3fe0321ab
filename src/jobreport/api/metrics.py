"""`GET /metrics`: how all backups and the service itself stand, for Prometheus.

A token says whose backups are told. On a port of its own (`serve --metrics`) no token is needed, and all is told.
"""

from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from jobreport.contract.parameters import TENANT, Parameter
from jobreport.contract.query_language import read
from jobreport.contract.values import number_of
from jobreport.identity.apps.permissions import MAY_READ
from jobreport.metrics.text import LIMIT, MEDIA_TYPE, MOST_SERIES, of_everything, of_tenants
from jobreport.server import query_string, tenancy
from jobreport.server.operation import Answer, Operation, principal, services
from jobreport.threads import METRICS, in_thread

PATH: Final = "/metrics"
SERIES: Final = Parameter(
    name="series",
    field="most",
    flag="--series",
    meaning=(
        f"At most so many series have a metric of their own, 0 to {LIMIT:,}; {MOST_SERIES:,} by default. Each tenant "
        "has a fair share, of which those come first that have not ended well for the longest time; how many are left "
        "out is told, too."
    ),
    schema={"type": "integer", "format": "int32", "minimum": 0, "maximum": LIMIT},
    convert=number_of(0, LIMIT),
    example="10000",
)
PARAMETERS: Final = (TENANT, SERIES)


async def show(request: Request) -> Response:
    """Answers with the metrics of the tenants that the app may ask for, or of the one that the request names."""
    given = read(query_string.pairs(request), PARAMETERS)
    who = principal(request)
    only = frozenset({who.tenant}) if tenancy.named(request, parameter=True) else who.reach
    if only is None:
        return await _everything(request, given)
    text = await in_thread(METRICS, of_tenants, services(request).store, only, given.get(SERIES.field, MOST_SERIES))
    return Response(text, media_type=MEDIA_TYPE)


async def show_everything(request: Request) -> Response:
    """Answers with the metrics of all tenants and of the service, to everybody who reaches its port."""
    return await _everything(request, read(query_string.pairs(request), (SERIES,)))


async def _everything(request: Request, given: dict[str, Any]) -> Response:
    known = services(request)
    text = await in_thread(METRICS, of_everything, known.store, known.counts, given.get(SERIES.field, MOST_SERIES))
    return Response(text, media_type=MEDIA_TYPE)


SHOW: Final = Operation(
    handler=show,
    id="Metrics_Show",
    tag="Health",
    summary="Tells Prometheus how all backups stand: jobs, series, last successes, connectors.",
    description=(
        "An app of one tenant is told of that one, a provider's app of each that it may ask for. An app that may ask "
        "for all tenants is also told of the service itself: requests, how long they took, jobs by transaction."
    ),
    needs=MAY_READ,
    query=PARAMETERS,
    all_tenants=True,
    compress=True,
    answers={200: Answer("The metrics, in the text format of Prometheus.", {"type": "string"}, "text/plain")},
    faults=(400, 503),
)
OWN_PORT: Final = Operation(
    handler=show_everything,
    id="Metrics_ShowEverything",
    tag="Health",
    summary="Tells Prometheus how all backups and the service stand.",
    query=(SERIES,),
    compress=True,
    answers={200: Answer("The metrics, in the text format of Prometheus.", {"type": "string"}, "text/plain")},
    faults=(400, 503),
)


class ByPort:
    """Gives requests that come to the metrics' own port to them, and all others to the `application`."""

    def __init__(self, port: int, application: ASGIApp) -> None:
        self._port, self._application = port, application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handles one request (ASGI). Raises HTTPException 404 for what is not there."""
        # The address of the socket that took the connection, which no header changes.
        if scope["type"] != "http" or (scope["server"] or ("", 0))[1] != self._port:
            await self._application(scope, receive, send)
        elif scope["path"] != PATH:
            raise HTTPException(404, f"Nothing but {PATH} is told on this port.")
        elif scope["method"] not in ("GET", "HEAD"):
            raise HTTPException(405, headers={"Allow": "GET, HEAD"})
        else:
            scope["endpoint"] = SHOW  # logged and counted like the other
            await OWN_PORT(scope, receive, send)
