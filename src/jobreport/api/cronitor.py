"""`/p/…`: takes pings in the words of Cronitor's telemetry."""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from jobreport.api.inbox import Asked, take
from jobreport.api.pings import TEXT, error, said
from jobreport.inbox.pings import cronitor
from jobreport.inbox.pings.ping import Refused
from jobreport.server import query_string
from jobreport.server.operation import Answer, Operation

_PARTS: Final = {
    "key": "The ping key of a tenant.",
    "monitor": "The slug of the inbox; one that there is not is made.",
    "state": "`run`, `complete`, `fail` or `ok`, instead of the parameter.",
}


async def event(request: Request) -> Response:
    """Takes a telemetry event."""
    given = request.path_params
    try:
        target, query = cronitor.target_of(given["key"], given["monitor"]), query_string.pairs(request, lenient=True)
        await take(request, Asked(target, lambda: cronitor.read(given.get("state", ""), query), creates=True))
    except Refused as refused:
        return said(refused.status, refused.words)
    return said(200, "OK")


def _operation(method: str, path: str, number: int) -> Operation:
    text = {"type": "string"}
    return Operation(
        handler=event,
        id=f"Telemetry_{method.title()}{number}",
        tag="Pings",
        summary="Takes a ping in the words of Cronitor: `state`, `series`, `status_code`, `message`, `metric`.",
        path_parameters={name: meaning for name, meaning in _PARTS.items() if f"{{{name}}}" in path},
        answers={
            200: Answer("`OK`: it is on disk.", text, TEXT),
            400: Answer("The state is unknown, or a number is none.", text, TEXT),
            404: Answer("`not found`: there is no such key.", text, TEXT),
            429: Answer("Too many pings; again after `Retry-After` seconds.", text, TEXT),
            503: Answer("The store cannot answer now; again after `Retry-After` seconds.", text, TEXT),
        },
        error_response=error,
    )


_PATHS: Final = ("/p/{key}/{monitor}", "/p/{key}/{monitor}/{state}")
URLS: Final = tuple(
    (method, path, _operation(method, path, number))
    for number, path in enumerate(_PATHS, 1)
    for method in ("GET", "POST", "PUT")
)
