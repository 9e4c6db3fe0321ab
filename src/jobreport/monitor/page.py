"""Describes a page of the monitor as one value: its handler, and who may see it.

It is for people what `server.operation.Operation` is for apps. Before the handler runs, a page checks who is signed in,
which tenant is asked for, and that a form was sent from the monitor itself.
"""

from collections.abc import Awaitable, Callable
from functools import partial
from http import HTTPStatus
from typing import Final
from urllib.parse import quote

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from jobreport.identity.operators.viewer import Viewer
from jobreport.model.audit import Actor
from jobreport.model.roles import Role
from jobreport.monitor import chosen_tenant, cookies, forms
from jobreport.monitor.html import render, see_other
from jobreport.monitor.local_paths import asked
from jobreport.server.compression import compress
from jobreport.server.operation import services
from jobreport.server.problem import ProblemError
from jobreport.store.registry.tenants import Tenant
from jobreport.threads import READS, in_thread

Handler = Callable[[Request], Awaitable[Response]]
SAFE: Final = ("GET", "HEAD")
CUSTOMERS: Final = "/customers"
MAX_FAULTS_SHOWN: Final = 10
ERRORS: Final = {
    400: ("This cannot be answered as it was asked", "Go back and change it, or begin with the overview."),
    403: ("You may not see this", "An administrator of Jobreport can give you the role or the tenant that it needs."),
    404: ("There is nothing here", "It may have been deleted, or the address was cut off when it was copied."),
    500: ("The server failed", "Whoever runs the server finds this request in its log by the number below."),
    503: ("The jobs cannot be read now", "Load the page again in a moment: it works as soon as the store answers."),
}
"""For each status of an error: the heading of its page, and what to do. 400 and 500 stand for all others."""
REFUSED: Final = ("This form was refused", "Nothing was changed.")
"""The heading of the page for a form that was refused, and what became of it."""


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """One page. `needs`: the least role that may see it; None for everybody, signed in or not. `of_tenant`: it is about
    one tenant, which the query names (`tenant=NAME`) or which is the only one that the viewer may see. `compress`: the
    answer may be compressed, since nobody who guesses at its length learns a secret.
    """

    handler: Handler
    id: str
    needs: Role | None = Role.Viewer
    of_tenant: bool = True
    compress: bool = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Checks the request, then handles it (ASGI). Raises ProblemError if a check fails."""
        request = Request(scope, receive, send)
        response = await self._admit(request) or await self.handler(request)
        if self.compress:
            await compress(scope, response)
        await response(scope, receive, send)

    def error_response(self, request: Request, problem: ProblemError) -> Response:
        """Returns the page for an error."""
        return error_page(request, problem)

    async def _admit(self, request: Request) -> Response | None:
        """Checks the request. Returns another page to go to; None if the handler may run."""
        safe = request.method in SAFE
        if not safe:
            forms.require_same_origin(request)
        if self.needs is None:
            if not safe:
                await forms.receive(request, cookies.get(request, cookies.FORM))
            return None
        who = await signed_in(request)
        if who is None:
            return see_other(request, sign_in_path(asked(request) if safe else "/"))
        if not safe:
            await forms.receive(request, cookies.get(request, cookies.SESSION))
        if who.role < self.needs:
            raise ProblemError(403, f"This needs the role {self.needs.name.lower()}; you are {who.role.name.lower()}.")
        if self.of_tenant:
            found = request.scope["tenant"] = await chosen_tenant.find(request, who)
            if found is None:
                return see_other(request, CUSTOMERS)
        return None


async def signed_in(request: Request) -> Viewer | None:
    """Returns who is signed in, and puts that into the request with the secret of its forms; None if nobody is."""
    token = cookies.get(request, cookies.SESSION)
    if not token:
        return None
    # A script that keeps a page up to date sends another mode, or `same-origin`.
    by_person = request.headers.get("sec-fetch-mode", "navigate") == "navigate"
    find = partial(services(request).sessions.find, token, by_person=by_person)
    who: Viewer | None = await in_thread(READS, find)
    request.scope["viewer"] = who
    request.scope["form_token"] = forms.token_of(token) if who else ""
    return who


def viewer(request: Request) -> Viewer:
    """Returns who sent the request. Only for pages that need a role."""
    found: Viewer = request.scope["viewer"]
    return found


def actor(request: Request) -> Actor:
    """Returns who sent the request, for the audit log. Only for pages that need a role."""
    address = request.client.host if request.client else ""
    return Actor(f"operator:{viewer(request).name}", address, request.scope["request_id"])


def tenant_of(request: Request) -> Tenant:
    """Returns the tenant that the page is about. Only for pages of a tenant."""
    found: Tenant = request.scope["tenant"]
    return found


def error_page(request: Request, problem: ProblemError) -> Response:
    """Returns the page for an error: what was wrong, and what would be right."""
    heading, advice = ERRORS.get(problem.status) or ERRORS[400 if problem.status < 500 else 500]
    if problem.status in (400, 403) and request.method not in SAFE:
        heading, advice = REFUSED
    return render(
        request,
        "error.html",
        problem.status,
        problem.headers,
        title=HTTPStatus(problem.status).phrase,
        heading=heading,
        advice=advice,
        code=problem.status,
        detail=problem.detail,
        faults=problem.errors[:MAX_FAULTS_SHOWN],
        request_id=request.scope.get("request_id", ""),
    )


async def not_found(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers a request for an address that is none (ASGI): with a page if a browser asks, otherwise as the API does.

    Raises HTTPException 404 for the latter.
    """
    request = Request(scope, receive, send)
    if request.method not in SAFE or "text/html" not in request.headers.get("accept", ""):
        raise HTTPException(404)
    response = error_page(request, ProblemError(404, "There is no page at this address."))
    await response(scope, receive, send)


def sign_in_path(wanted: str) -> str:
    """Returns the address of the page for signing in, which then leads to `wanted`, a path of the monitor."""
    return "/sign-in" if wanted == "/" else f"/sign-in?next={quote(wanted, safe='')}"
