"""`/sign-in/link`: where the link of `jobreport operator link` leads. A button on it signs in, once."""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from jobreport.identity.operators import links
from jobreport.identity.operators.sessions import Proof
from jobreport.monitor import cookies, forms
from jobreport.monitor.html import render, see_other
from jobreport.monitor.open_forms import render_form
from jobreport.monitor.page import Page
from jobreport.monitor.pages.sign_in import begin_session
from jobreport.server.operation import services
from jobreport.threads import READS, REFUSALS, in_thread

KEY: Final = "key"


async def show(request: Request) -> Response:
    """Says whom the link signs in, with a button. Nothing is used up."""
    key = request.query_params.get(KEY, "")
    found = await in_thread(READS, links.owner, services(request).store, key)
    return render_form(request, "sign_in_link.html", name=found.name, key=key) if found else _no_link(request)


async def send(request: Request) -> Response:
    """Uses the link up, and signs in."""
    key = forms.fields(request).get(KEY, "")
    found = await in_thread(REFUSALS, links.use, services(request).store, key)
    if found is None:
        return _no_link(request)
    response = see_other(request, "/")
    await begin_session(request, response, found, Proof(by="link"))
    cookies.remove(request, response, cookies.FORM)
    return response


def _no_link(request: Request) -> Response:
    return render(request, "sign_in_link.html", 404, name="", key="")


SHOW: Final = Page(handler=show, id="sign-in-link", needs=None, of_tenant=False)
SEND: Final = Page(handler=send, id="sign-in-link-send", needs=None, of_tenant=False)
