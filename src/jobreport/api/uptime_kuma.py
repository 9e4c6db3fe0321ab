"""`/api/push/…`: takes pings in the words of Uptime Kuma's push monitors, with its answers."""

from typing import Annotated, Final

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response

from jobreport.api.inbox import Asked, take
from jobreport.inbox.pings import uptime_kuma
from jobreport.inbox.pings.ping import Refused
from jobreport.inbox.pings.uptime_kuma import NOT_FOUND
from jobreport.server import query_string
from jobreport.server.operation import Answer, Operation
from jobreport.server.problem import ProblemError

_JSON: Final = "application/json"


class Pushed(msgspec.Struct, frozen=True, omit_defaults=True):
    """The answer to a push."""

    ok: Annotated[bool, Meta(description="Whether it was taken.")]
    msg: Annotated[str, Meta(description="What was wrong; missing if nothing was.")] = ""


async def push(request: Request) -> Response:
    """Takes a push."""
    try:
        target, query = uptime_kuma.target_of(request.path_params["address"]), query_string.pairs(request, lenient=True)
        await take(request, Asked(target, lambda: uptime_kuma.read(query)))
    except Refused as refused:
        words = NOT_FOUND if refused.status == 404 else refused.words
        return _said(refused.status, Pushed(ok=False, msg=words))
    return _said(200, Pushed(ok=True))


def error(_request: Request, problem: ProblemError) -> Response:
    """Returns the answer to an error as these clients know it."""
    answer = _said(problem.status, Pushed(ok=False, msg=problem.detail))
    answer.headers.update(problem.headers or {})
    return answer


def _said(status: int, answer: Pushed) -> Response:
    return Response(msgspec.json.encode(answer), status, media_type=_JSON)


def _operation(method: str) -> Operation:
    return Operation(
        handler=push,
        id=f"Push_{method.title()}",
        tag="Pings",
        summary="Takes a ping in the words of Uptime Kuma: `status`, `msg`, `ping` (milliseconds).",
        path_parameters={"address": "The UUID of the inbox."},
        answers={
            200: Answer("It is on disk.", Pushed),
            400: Answer("A value is none.", Pushed),
            404: Answer("There is no such address.", Pushed),
            429: Answer("Too many pings; again after `Retry-After` seconds.", Pushed),
            503: Answer("The store cannot answer now; again after `Retry-After` seconds.", Pushed),
        },
        error_response=error,
    )


URLS: Final = tuple((method, "/api/push/{address}", _operation(method)) for method in ("GET", "POST", "PUT"))
