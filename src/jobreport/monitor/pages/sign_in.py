"""`/sign-in`: where an operator signs in with a name and a password.

The form is shown before there is a session, so its token belongs to a cookie of its own (`cookies.FORM`). Signing in
always begins a new session: nobody can put a session of theirs into another person's browser beforehand.
"""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from jobreport.identity.oauth.failed_sign_ins import TooManyAttemptsError
from jobreport.identity.operators.accounts import MAX_NAME
from jobreport.identity.operators.sessions import WHOLE
from jobreport.model import ticks
from jobreport.model.audit import Actor
from jobreport.monitor import cookies, forms, password_check
from jobreport.monitor.html import see_other
from jobreport.monitor.local_paths import local
from jobreport.monitor.open_forms import render_form
from jobreport.monitor.page import Page, signed_in
from jobreport.server.operation import services
from jobreport.store.registry.operators import Operator
from jobreport.threads import WRITES, in_thread

WRONG: Final = "This name and this password do not belong together. Type both again; capital letters matter."


async def show(request: Request) -> Response:
    """Shows the form; or the page that was wanted, if somebody is signed in."""
    wanted = local(request.query_params.get("next", "/"))
    if await signed_in(request):
        return see_other(request, wanted)
    return _form(request, wanted)


async def send(request: Request) -> Response:
    """Signs in."""
    fields = forms.fields(request)
    wanted, name = local(fields.get("next", "/")), fields.get("name", "").strip()
    try:
        operator = await password_check.verified(request, name, fields.get("password", ""))
    except TooManyAttemptsError as error:
        return _form(request, wanted, name, password_check.to_wait(error), 429, {"Retry-After": str(error.seconds)})
    if operator is None:
        return _form(request, wanted, name, WRONG, 403)
    response = see_other(request, wanted)
    await begin_session(request, response, operator)
    cookies.remove(request, response, cookies.FORM)
    return response


async def begin_session(request: Request, response: Response, operator: Operator, by: str = "") -> None:
    """Begins a session of the operator, and gives the browser its token. The session that the browser had ends.

    `by`: what was given instead of a password.
    """
    address = request.client.host if request.client else ""
    who = Actor(f"operator:{operator.name}", address, request.scope["request_id"])
    agent, before = request.headers.get("user-agent", ""), cookies.get(request, cookies.SESSION)
    token = await in_thread(WRITES, services(request).sessions.begin, operator, who, agent, before, by)
    cookies.put(request, response, cookies.SESSION, token, WHOLE // ticks.PER_SECOND)


def _form(
    request: Request,
    wanted: str,
    name: str = "",
    error: str = "",
    status: int = 200,
    headers: dict[str, str] | None = None,
) -> Response:
    shown = name if name.isprintable() and len(name) <= MAX_NAME else ""
    return render_form(request, "sign_in.html", status, headers, wanted=wanted, name=shown, error=error)


SHOW: Final = Page(handler=show, id="sign-in", needs=None, of_tenant=False)
SEND: Final = Page(handler=send, id="sign-in-send", needs=None, of_tenant=False)
