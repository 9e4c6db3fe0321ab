"""`/confirm`: asks for the password again before a secret is shown, or to sign in at the provider once more.

Whoever finds an open monitor may look at jobs, but gets no secret. A page that shows one begins with
`if not recently_confirmed(request): return ask_again(request)`.
"""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from jobreport.identity.oauth.failed_sign_ins import TooManyAttemptsError
from jobreport.monitor import forms, password_check, provider
from jobreport.monitor.html import render, see_other
from jobreport.monitor.links import link
from jobreport.monitor.local_paths import asked, local
from jobreport.monitor.page import SAFE, Page, viewer
from jobreport.server.operation import services
from jobreport.threads import WRITES, in_thread


def recently_confirmed(request: Request) -> bool:
    """Returns whether the viewer gave proof in the last ten minutes."""
    return services(request).sessions.is_confirmed(viewer(request))


def ask_again(request: Request) -> Response:
    """Returns the answer that asks for the password, and then leads back to the page of the request.

    A form cannot be sent again so: a page must ask before it shows its form.
    """
    return see_other(request, link("/confirm", next=asked(request) if request.method in SAFE else None))


async def show(request: Request) -> Response:
    """Shows the form."""
    return form(request, local(request.query_params.get("next", "/")))


async def send(request: Request) -> Response:
    """Notes that the password was given, and goes on to the page that asked for it."""
    fields, who = forms.fields(request), viewer(request)
    wanted = local(fields.get("next", "/"))
    try:
        operator = await password_check.verified(request, who.name, fields.get("password", ""))
    except TooManyAttemptsError as error:
        return form(request, wanted, password_check.to_wait(error), 429, {"Retry-After": str(error.seconds)})
    if operator is None:
        return form(request, wanted, "This is not your password.", 403)
    await in_thread(WRITES, services(request).sessions.confirm, who)
    return see_other(request, wanted)


def form(
    request: Request, wanted: str, error: str = "", status: int = 200, headers: dict[str, str] | None = None
) -> Response:
    """Returns the page with the form, which leads to `wanted`. `error` says what was wrong."""
    label = provider.label(request)
    return render(request, "confirm.html", status, headers, wanted=wanted, error=error, provider=label)


SHOW: Final = Page(handler=show, id="confirm", of_tenant=False)
SEND: Final = Page(handler=send, id="confirm-send", of_tenant=False)
