"""`/sign-out`: ends the session of this browser."""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from jobreport.identity.operators.sessions import session_id
from jobreport.monitor import cookies
from jobreport.monitor.html import see_other
from jobreport.monitor.page import Page, actor, viewer
from jobreport.server.operation import services
from jobreport.threads import WRITES, in_thread


async def send(request: Request) -> Response:
    """Ends the session."""
    who = viewer(request)
    await in_thread(WRITES, services(request).sessions.end, who, session_id(who.session), actor(request))
    return signed_out(request)


def signed_out(request: Request) -> Response:
    """Returns the answer to a browser whose session was ended: it forgets the cookie and the pages that it kept."""
    response = see_other(request, "/sign-in")
    cookies.remove(request, response, cookies.SESSION)
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


SEND: Final = Page(handler=send, id="sign-out", of_tenant=False)
