"""Takes a ping, in whichever words it comes: finds the inbox, reads the body, and answers when the job is on disk.

Of an address that there is not, nothing is told but the protocol's own "not found". It is looked up by its hash, so
that none is told faster or slower because it is nearly right.
"""

from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import Final, NamedTuple

from starlette.requests import ClientDisconnect, Request

from jobreport.identity import inboxes
from jobreport.inbox.naming import APP, app_of
from jobreport.inbox.pings.body import Body, BodyReader
from jobreport.inbox.pings.decoding import GZIP
from jobreport.inbox.pings.healthchecks import NOT_FOUND
from jobreport.inbox.pings.ping import Ping, Refused, Target
from jobreport.inbox.pings.runs import arrival_of, job_id_of, settle
from jobreport.inbox.pings.tool import command_of
from jobreport.model.job import new_unique_job_id
from jobreport.model.ping import Signal
from jobreport.server import body_budget
from jobreport.server.arrivals import counted
from jobreport.server.body_budget import Sender
from jobreport.server.operation import Services, services
from jobreport.server.problem import RETRY_SECONDS, ProblemError
from jobreport.store import Ping as StoredPing
from jobreport.store import Store, Through
from jobreport.store.registry.inboxes import Inbox, newest_run
from jobreport.threads import LONG, READS, WRITES, in_thread

MOST_READ: Final = 256 * 1024 * 1024
"""The bytes of a body that are read. What is beyond is taken and ignored."""
_PIECE: Final = 256 * 1024
"""So many bytes of a longer body are read at a time."""
_HELD: Final = 2 * 1024 * 1024
"""The memory that a longer body takes at most while it is read, in bytes."""
_SHORT: Final = 64 * 1024
"""A body of at most so many bytes is received before its address is looked up."""


class Asked(NamedTuple):
    """What a request asks. `read` reads the ping once it is known that its address is there; it may raise Refused.
    `creates`: the inbox of an unknown slug is to be made.
    """

    target: Target
    read: Callable[[], Ping]
    creates: bool = False


class Taken(NamedTuple):
    """A ping that is stored. `created`: its inbox was made for it."""

    inbox: Inbox
    created: bool


async def take(request: Request, asked: Asked) -> bool:
    """Stores a ping, and returns whether its inbox was made for it. Raises Refused, or ProblemError 429 or 503."""
    server = services(request)
    at = server.store.clock()
    target = asked.target
    key = inboxes.digest(target.secret) if target.slug else b""
    with counted(request, inboxes.digest(f"{target.secret}/{target.slug}"), at, key=key):
        first = None if _is_long(request) else await request.receive()
        if first is not None and first["type"] == "http.disconnect":
            raise ClientDisconnect
        begun: bytes = first.get("body", b"") if first else b""
        if first is not None and not first.get("more_body", False) and not begun.startswith(GZIP):
            taken = await in_thread(WRITES, _take_whole, server, request, asked, begun, at)
        else:
            found = await in_thread(READS, _claimed, server, request, asked)
            read = await _read(request, found, begun)
            taken = await in_thread(WRITES, _settled, server, request, asked, found, read, at)
    return taken.created


class _Known(NamedTuple):
    """Whose the address is, and the ping. `inbox` is None if it is to be made, which it is when the ping is whole.
    `claimed`: the newest run when the ping came; None if it is received at once.
    """

    tenant: int
    inbox: Inbox | None
    ping: Ping
    claimed: str | None = None


def _take_whole(server: Services, request: Request, asked: Asked, content: bytes, at: int) -> Taken:
    found = _found(server, request, asked)
    return _settled(server, request, asked, found, _body(content, found.inbox), at)


def _body(content: bytes, inbox: Inbox | None) -> Body:
    command = _command(inbox)
    if not content and not command:
        return Body()
    reader = BodyReader(command)
    reader.feed(content)
    return reader.end()


def _found(server: Services, request: Request, asked: Asked, *, fresh: bool = False) -> _Known:
    """Returns whose the address is, and the ping. Raises Refused."""
    found = server.addresses.find(*asked.target, fresh=fresh)
    if found is None or (found.inbox is None and not asked.creates):
        raise Refused(404, NOT_FOUND)
    request.scope["tenant_name"] = found.tenant_name
    if found.inbox:
        request.scope["sender"] = app_of(found.inbox)
    return _Known(found.tenant, found.inbox, asked.read())


def _claimed(server: Services, request: Request, asked: Asked) -> _Known:
    """Returns what `_found` does, and which run is the newest now: by the time that a long body is received, another
    may have begun.
    """
    found = _found(server, request, asked)
    if found.inbox is None or found.ping.signal is Signal.START:
        return found
    with server.store.reading() as transaction:
        return found._replace(claimed=newest_run(transaction, found.inbox))


def _settled(server: Services, request: Request, asked: Asked, found: _Known, body: Body, at: int) -> Taken:
    """Stores what the ping does. If the address is not the inbox's any more, looks once more whose it is."""
    for again in (False, True):
        if again:
            found = _found(server, request, asked, fresh=True)._replace(claimed=found.claimed)
        inbox = found.inbox or server.addresses.make(found.tenant, asked.target.slug)
        if inbox is None:
            raise Refused(404, NOT_FOUND)
        request.scope["sender"] = app_of(inbox)
        if _stored(server.store, request.method, asked.target, inbox, found, body, at):
            return Taken(inbox, created=found.inbox is None)
    raise Refused(404, NOT_FOUND)


def _stored(store: Store, method: str, target: Target, inbox: Inbox, found: _Known, body: Body, at: int) -> bool:
    fresh = partial(new_unique_job_id, inbox.type, at)
    arrival = arrival_of(found.ping, body, method=method, at=at, fresh=fresh)
    told = StoredPing(
        inbox=inbox.inbox,
        through=Through(inboxes.digest(target.secret), by_key=bool(target.slug)),
        run=job_id_of(inbox, found.ping.run),
        claimed=found.claimed,
        settle=partial(settle, inbox, arrival),
    )
    return store.ping(inbox.tenant, told)


async def _read(request: Request, found: _Known, begun: bytes) -> Body:
    """Returns the body of a request, of which `begun` has been received. Raises ProblemError 503 if the memory for
    bodies is full.
    """
    if not body_budget.hold(request.scope, _HELD, Sender(found.tenant, found.inbox.inbox if found.inbox else APP)):
        raise ProblemError(
            503,
            "The large bodies that are being received leave no room for this one.",
            headers={"Retry-After": str(RETRY_SECONDS)},
        )
    reader = BodyReader(_command(found.inbox))
    piece, size = bytearray(begun), len(begun)
    async for chunk in _rest(request):
        size += len(chunk)
        if size > MOST_READ:
            continue
        piece += chunk
        if len(piece) >= _PIECE:
            await in_thread(LONG, reader.feed, bytes(piece))
            piece.clear()
    await in_thread(LONG, reader.feed, bytes(piece))
    return reader.end(cut=size > MOST_READ)


async def _rest(request: Request) -> AsyncIterator[bytes]:
    more = True
    while more:
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        yield message.get("body", b"")
        more = message.get("more_body", False)


def _is_long(request: Request) -> bool:
    """Returns whether the body may be long, so that it is not received for an address that there is not."""
    length = request.headers.get("content-length", "0")
    return "transfer-encoding" in request.headers or (length.isdigit() and int(length) > _SHORT)


def _command(inbox: Inbox | None) -> tuple[str, ...]:
    return command_of(inbox.tool) if inbox and inbox.tool else ()
