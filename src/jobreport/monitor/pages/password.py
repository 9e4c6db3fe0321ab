"""`/password`: where somebody changes the own password. All other sessions end with it."""

from functools import partial
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from jobreport.identity.oauth.failed_sign_ins import TooManyAttemptsError
from jobreport.identity.operators import accounts, passwords
from jobreport.identity.operators.passwords import PasswordError
from jobreport.monitor import forms, password_check
from jobreport.monitor.html import render, see_other
from jobreport.monitor.page import Page, actor, viewer
from jobreport.monitor.pages.sign_in import begin_session
from jobreport.server.operation import services
from jobreport.server.problem import ProblemError
from jobreport.threads import HASHES, READS, in_thread


async def show(request: Request) -> Response:
    """Shows the form."""
    _require_password(request)
    return _form(request)


async def send(request: Request) -> Response:
    """Changes the password, if the one of until now is right."""
    _require_password(request)
    fields, who, known = forms.fields(request), viewer(request), services(request)
    new = fields.get("new", "")
    if new != fields.get("again", ""):
        return _form(request, "The two new passwords differ. Type the same one twice.", 400)
    try:
        passwords.check(new, who.name)
    except PasswordError as error:
        return _form(request, f"{str(error)[:1].upper()}{str(error)[1:]}.", 400)
    try:
        found = await password_check.verified(request, who.name, fields.get("current", ""))
    except TooManyAttemptsError as error:
        return _form(request, password_check.to_wait(error), 429, {"Retry-After": str(error.seconds)})
    if found is None:
        return _form(request, "The current password is wrong.", 403)
    change = partial(accounts.set_password, known.store, who.name, new, known.passwords, by=actor(request))
    await in_thread(HASHES, change)
    response = see_other(request, "/sessions")
    await begin_session(request, response, await in_thread(READS, accounts.find, known.store, who.name))
    return response


def _require_password(request: Request) -> None:
    if viewer(request).issuer:
        raise ProblemError(404, f"Your password is kept and changed at {viewer(request).issuer}.")


def _form(request: Request, error: str = "", status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return render(request, "password.html", status, headers, error=error, least=passwords.MIN_LENGTH)


SHOW: Final = Page(handler=show, id="password", of_tenant=False)
SEND: Final = Page(handler=send, id="password-send", of_tenant=False)
