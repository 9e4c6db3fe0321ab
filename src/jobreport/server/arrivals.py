"""Counts what comes to inboxes: against the limits, and for the audit log, each as taken or as refused.

What was cut off, came too slowly, or could not be stored was not taken: it uses up nothing of what all addresses
together may send, or a few connections that stall would keep everybody's pings out.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from starlette.requests import Request

from jobreport.server.operation import services
from jobreport.store.registry.sign_ins import INBOX


@contextmanager
def counted(request: Request, address: bytes, at: int, *, key: bytes = b"") -> Iterator[None]:
    """Counts a request at `at` (ticks) to the address with this hash; `key` is the hash of the ping key above it, empty
    if there is none. It is taken if nothing is raised meanwhile.

    By then the request's scope has its `sender`: `inbox:` and the inbox's ID, if it is known whose the address is.
    Raises ProblemError 429 if the limits have no room for it.
    """
    server = services(request)
    client = request.client.host if request.client else ""
    limited = True
    try:
        server.pings.take(address.hex(), key.hex())
        limited = False
        yield
    except BaseException:
        if not limited:
            server.pings.not_taken()
        server.sign_ins.refused(request.scope.get("sender") or INBOX, client, at)
        raise
    server.sign_ins.granted(request.scope["sender"], client, at)
