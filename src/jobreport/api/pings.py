"""`/ping/…`: takes pings in the words of Healthchecks, with its answers."""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from jobreport.api.inbox import Asked, take
from jobreport.inbox.pings import healthchecks
from jobreport.inbox.pings.body import LIMIT
from jobreport.inbox.pings.ping import Refused
from jobreport.server import query_string
from jobreport.server.operation import Answer, Body, Operation
from jobreport.server.problem import ProblemError

_HEADERS: Final = {"Ping-Body-Limit": str(LIMIT), "Access-Control-Allow-Origin": "*"}
TEXT: Final = "text/plain"
_PARTS: Final = {
    "address": "The UUID of the inbox, or the ping key of a tenant.",
    "part": "`start`, `fail`, `log` or an exit status from 0 to 255; behind a ping key, the slug of the inbox.",
    "signal": "`start`, `fail`, `log` or an exit status from 0 to 255.",
}


async def ping(request: Request) -> Response:
    """Takes a ping."""
    parts = [request.path_params[name] for name in _PARTS if name in request.path_params]
    try:
        target, word = healthchecks.target_of(parts)
        query = query_string.pairs(request, lenient=True)
        created = await take(
            request, Asked(target, lambda: healthchecks.read(word, query), healthchecks.creates(query))
        )
    except Refused as refused:
        return said(refused.status, refused.words)
    return said(201, "Created") if created else said(200, "OK")


def said(status: int, words: str) -> Response:
    """Returns an answer of one line."""
    headers = _HEADERS if status < 300 else {}
    return Response(words, status, headers=headers, media_type=TEXT)


def error(_request: Request, problem: ProblemError) -> Response:
    """Returns the answer to an error as a line of text, as these clients know it."""
    return Response(problem.detail, problem.status, headers=dict(problem.headers or {}), media_type=TEXT)


def _operation(method: str, path: str, number: int) -> Operation:
    text = {"type": "string"}
    return Operation(
        handler=ping,
        id=f"Ping_{method.title()}{number}",
        tag="Pings",
        summary="Takes a ping: the work of an inbox begins, goes on, or has ended.",
        description="In the words of Healthchecks. Nobody signs in: the address is the secret. A ping is on disk when "
        "it is answered. `rid` is a UUID that joins the start of a run and its end.",
        path_parameters={name: meaning for name, meaning in _PARTS.items() if f"{{{name}}}" in path},
        body=Body({"application/octet-stream": {"type": "string", "format": "binary"}}, required=False)
        if method != "GET"
        else None,
        answers={
            200: Answer("`OK`: it is on disk.", text, TEXT, headers={"Ping-Body-Limit": "Bytes that are kept."}),
            201: Answer("`Created`: so is the inbox of this slug, by `create=1`.", text, TEXT),
            400: Answer("`invalid url format`, or `invalid uuid format`.", text, TEXT),
            404: Answer("`not found`: there is no such address.", text, TEXT),
            429: Answer("Too many pings; again after `Retry-After` seconds.", text, TEXT),
            503: Answer("The store cannot answer now; again after `Retry-After` seconds.", text, TEXT),
        },
        error_response=error,
    )


_PATHS: Final = ("/ping/{address}", "/ping/{address}/", "/ping/{address}/{part}", "/ping/{address}/{part}/{signal}")
URLS: Final = tuple(
    (method, path, _operation(method, path, number))
    for number, path in enumerate(_PATHS, 1)
    for method in ("GET", "POST", "PUT")
)
