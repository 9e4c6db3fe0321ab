"""`/sign-in`: where an operator signs in with a name and a password.

The form is shown before there is a session, so its token belongs to a cookie of its own (`cookies.FORM`). Signing in
always begins a new session: nobody can put a session of theirs into another person's browser beforehand.
"""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from jobreport.identity.oauth.failed_sign_ins import TooManyAttemptsError
from jobreport.identity.openid.transactions import TransactionError, taken_up
from jobreport.identity.operators.accounts import MAX_NAME
from jobreport.identity.operators.sessions import PASSWORD, WHOLE, NoSessionError, Proof
from jobreport.model import ticks
from jobreport.model.audit import Actor
from jobreport.monitor import cookies, forms, password_check, provider
from jobreport.monitor.html import see_other
from jobreport.monitor.local_paths import local
from jobreport.monitor.open_forms import render_form
from jobreport.monitor.page import Page, signed_in
from jobreport.server.operation import services
from jobreport.server.problem import ProblemError
from jobreport.store.registry.operators import Operator
from jobreport.threads import WRITES, in_thread

WRONG: Final = "This name and this password do not belong together. Type both again; capital letters matter."


async def show(request: Request) -> Response:
    """Shows the form; or the page that was wanted, if somebody is signed in."""
    wanted = local(request.query_params.get("next", "/"))
    if await signed_in(request):
        return see_other(request, wanted)
    return form(request, wanted, note=_of_sign_out(request))


async def send(request: Request) -> Response:
    """Signs in."""
    fields = forms.fields(request)
    wanted, name = local(fields.get("next", "/")), fields.get("name", "").strip()
    try:
        operator = await password_check.verified(request, name, fields.get("password", ""))
    except TooManyAttemptsError as error:
        return form(request, wanted, name, password_check.to_wait(error), 429, {"Retry-After": str(error.seconds)})
    if operator is None:
        return form(request, wanted, name, WRONG, 403)
    response = see_other(request, wanted)
    await begin_session(request, response, operator)
    cookies.remove(request, response, cookies.FORM)
    return response


async def begin_session(request: Request, response: Response, operator: Operator, proof: Proof = PASSWORD) -> None:
    """Begins a session of the operator, and gives the browser its token. The session that the browser had ends.

    Raises ProblemError 403 if the account was changed since the operator gave proof.
    """
    address = request.client.host if request.client else ""
    who = Actor(f"operator:{operator.name}", address, request.scope["request_id"])
    agent, before = request.headers.get("user-agent", ""), cookies.get(request, cookies.SESSION)
    try:
        token = await in_thread(WRITES, services(request).sessions.begin, operator, who, agent, before, proof)
    except NoSessionError:
        raise ProblemError(403, "This account was changed just now. Sign in again.") from None
    cookies.put(request, response, cookies.SESSION, token, WHOLE // ticks.PER_SECOND)


def form(
    request: Request,
    wanted: str,
    name: str = "",
    error: str = "",
    status: int = 200,
    headers: dict[str, str] | None = None,
    *,
    note: str = "",
) -> Response:
    """Returns the page with the form, which leads to `wanted`. `error` says what was wrong, `note` what was done."""
    shown = name if name.isprintable() and len(name) <= MAX_NAME else ""
    known = {"wanted": wanted, "name": shown, "error": error, "note": note, "provider": provider.label(request)}
    return render_form(request, "sign_in.html", status, headers, **known)


def _of_sign_out(request: Request) -> str:
    """Returns what is said to a browser that comes back from signing out at the provider; empty to any other."""
    state, secret = request.query_params.get("state", ""), cookies.get(request, cookies.PROVIDER)
    if not (state and provider.label(request)):
        return ""
    try:
        taken_up(state, secret, services(request).store.clock(), "sign out")
    except TransactionError:
        return ""
    return f"You are signed out, here and at {provider.label(request)}."


SHOW: Final = Page(handler=show, id="sign-in", needs=None, of_tenant=False)
SEND: Final = Page(handler=send, id="sign-in-send", needs=None, of_tenant=False)
