"""`/hook/…`: takes what senders post of their jobs, each in a form of its own or by a mapping.

It is answered when it is on disk: the jobs that it tells, or the delivery itself if nobody can read it. A sender that
is told of a fault would try again for hours, or give up and tell nobody; so it is told that its report was taken.
"""

from typing import Annotated, Final

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response

from jobreport.configuration.file import NAME
from jobreport.identity import inboxes
from jobreport.inbox.naming import app_of
from jobreport.inbox.pings.healthchecks import KEY, SLUG, UUID
from jobreport.inbox.pings.ping import Target
from jobreport.inbox.webhooks.base import MAX_BODY
from jobreport.inbox.webhooks.registry import SNS
from jobreport.inbox.webhooks.taking import Arrival, Taken, delivery_of, take
from jobreport.server import bodies, body_budget, query_string
from jobreport.server.arrivals import counted
from jobreport.server.body_budget import Sender
from jobreport.server.operation import Answer, Body, Operation, Services, services
from jobreport.server.problem import RETRY_SECONDS, ProblemError
from jobreport.store import Through, UnreadFullError
from jobreport.store.registry.inboxes import Inbox
from jobreport.threads import LONG, READS, WRITES, in_thread

FULL_RETRY_SECONDS: Final = 3600
"""The `Retry-After` where no more can be kept unread: somebody has to look at what is kept first."""
_SHORT: Final = 64 * 1024
"""A body of at most so many bytes is received before its address is looked up, and read beside others."""
_NOT_FOUND: Final = "There is no such address."
_GOTIFY: Final = "message"
"""What a sender for Gotify adds to the address of its server, which is that of an inbox."""
_PARTS: Final = {
    "address": "The UUID of the inbox, or the ping key of a tenant.",
    "form": "The form of the report, such as `duplicati`, or the name of a mapping; behind a ping key, the slug of the "
    "inbox.",
    "last": "The form of the report; behind an inbox's own address and its form the word `message`, which senders for "
    "Gotify add.",
}


class Delivered(msgspec.Struct, frozen=True, omit_defaults=True):
    """The answer to a webhook."""

    jobs: Annotated[int, Meta(description="How many jobs it tells.")]
    ignored: Annotated[str, Meta(description="Why that is none, such as a test of the sender.")] = ""
    unread: Annotated[str, Meta(description="Why nobody could read it. It is kept, and can be read again.")] = ""


async def hook(request: Request) -> Response:
    """Takes a webhook."""
    at = services(request).store.clock()
    target, form = _target_of(request)
    bodies.refuse_encoding(request)
    key = inboxes.digest(target.secret) if target.slug else b""
    with counted(request, inboxes.digest(f"{target.secret}/{target.slug}"), at, key=key):
        done = await _received(request, target, form, at)
        if done is None:
            raise ProblemError(404, _NOT_FOUND)
    answer = Delivered(jobs=done.jobs, ignored=done.ignored, unread=done.unread)
    return Response(msgspec.json.encode(answer), media_type="application/json")


async def _received(request: Request, target: Target, form: str, at: int) -> Taken | None:
    """Returns what became of a webhook; None if there is no such address."""
    server = services(request)
    if _is_long(request):
        inbox = await in_thread(READS, _found, server, request, target)
        if inbox is None:
            return None
        if not body_budget.hold(request.scope, 1, Sender(inbox.tenant, inbox.inbox)):
            raise ProblemError(
                503,
                "The large bodies that are being received leave no room for this one.",
                headers={"Retry-After": str(RETRY_SECONDS)},
            )
    body = await bodies.read(request, MAX_BODY)
    delivery = delivery_of(request.method, request.headers.items(), query_string.pairs(request, lenient=True), body)
    through = Through(inboxes.digest(target.secret), by_key=bool(target.slug))
    arrival = Arrival(form=form, delivery=delivery, at=at, through=through)
    # A long one takes long to read; and Amazon may have to be asked for a certificate.
    threads = LONG if len(body) > _SHORT or form == SNS else WRITES
    return await in_thread(threads, _taken, server, request, target, arrival)


def _target_of(request: Request) -> tuple[Target, str]:
    """Returns for whom a webhook is, and its form. Raises ProblemError 404 if nobody can have such an address."""
    given = request.path_params
    secret, form, last = given["address"], given["form"], given.get("last")
    if UUID.fullmatch(secret):
        if last in {None, _GOTIFY} and NAME.fullmatch(form.lower()):
            return Target(secret), form.lower()
    elif last is not None and KEY.fullmatch(secret) and SLUG.fullmatch(form) and NAME.fullmatch(last.lower()):
        return Target(secret, form.lower()), last.lower()
    raise ProblemError(404, _NOT_FOUND)


def _found(server: Services, request: Request, target: Target, *, fresh: bool = False) -> Inbox | None:
    found = server.addresses.find(*target, fresh=fresh)
    if found is None or found.inbox is None:
        return None
    request.scope["tenant_name"] = found.tenant_name
    request.scope["sender"] = app_of(found.inbox)
    return found.inbox


def _taken(server: Services, request: Request, target: Target, arrival: Arrival) -> Taken | None:
    """Takes a webhook. If the address is not the inbox's any more, looks once more whose it is; None: nobody's."""
    for fresh in (False, True):
        inbox = _found(server, request, target, fresh=fresh)
        if inbox is None:
            return None
        try:
            done = take(server.store, server.forms, inbox, arrival)
        except UnreadFullError as error:
            said = str(error)
            headers = {"Retry-After": str(FULL_RETRY_SECONDS)}
            raise ProblemError(503, f"{said[:1].upper()}{said[1:]}.", headers=headers) from None
        if done.known:
            return done
    return None


def _is_long(request: Request) -> bool:
    """Returns whether the body may be long, so that it is not received for an address that there is not."""
    length = request.headers.get("content-length", "0")
    return "transfer-encoding" in request.headers or not length.isdecimal() or int(length) > _SHORT


def _operation(method: str, path: str, number: int) -> Operation:
    return Operation(
        handler=hook,
        id=f"Hook_{method.title()}{number}",
        tag="Webhooks",
        summary="Takes what a sender tells of its jobs, in its own form.",
        description="Nobody signs in: the address is the secret. It is on disk when it is answered, also where nobody "
        "can read it.",
        path_parameters={name: meaning for name, meaning in _PARTS.items() if f"{{{name}}}" in path},
        body=Body({"application/octet-stream": {"type": "string", "format": "binary"}}, required=False),
        answers={200: Answer("It is on disk.", Delivered)},
        faults=(404, 413, 415, 429, 503),
    )


_PATHS: Final = ("/hook/{address}/{form}", "/hook/{address}/{form}/{last}")
URLS: Final = tuple(
    (method, path, _operation(method, path, number))
    for number, path in enumerate(_PATHS, 1)
    for method in ("POST", "PUT")
)
