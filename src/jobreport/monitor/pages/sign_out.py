"""`/sign-out`: ends the session of this browser."""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from jobreport.identity.operators.sessions import session_id
from jobreport.monitor import cookies, provider
from jobreport.monitor.html import render, see_other
from jobreport.monitor.page import Page, actor, viewer
from jobreport.server.operation import services
from jobreport.threads import WRITES, in_thread


async def send(request: Request) -> Response:
    """Ends the session."""
    who = viewer(request)
    id_token = await provider.id_token(request)
    await in_thread(WRITES, services(request).sessions.end, who, session_id(who.session), actor(request))
    return await signed_out(request, id_token)


async def signed_out(request: Request, id_token: str) -> Response:
    """Returns the answer to a browser whose session was ended: it forgets the cookie and the pages that it kept.

    Who signed in by the provider, with `id_token`, goes on to sign out there. That takes a page in between: the policy
    of the page with the form lets it go to this monitor alone, also by a redirect.
    """
    address = secret = ""
    if viewer(request).issuer:
        address, secret = await provider.way_out(request, id_token)
    if address:
        request.scope["viewer"] = None
        response = render(request, "sign_out.html", address=address, provider=provider.label(request))
        provider.keep(request, response, secret)
    else:
        response = see_other(request, "/sign-in")
    cookies.remove(request, response, cookies.SESSION)
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


SEND: Final = Page(handler=send, id="sign-out", of_tenant=False)
