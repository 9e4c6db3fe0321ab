"""`/sessions`: where somebody is signed in. Each session can be ended, or all at once."""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from jobreport.identity.operators.sessions import session_id
from jobreport.monitor import forms, provider
from jobreport.monitor.html import render, see_other
from jobreport.monitor.page import Page, actor, viewer
from jobreport.monitor.pages.sign_out import signed_out
from jobreport.server.operation import services
from jobreport.threads import READS, WRITES, in_thread

ALL: Final = "all"


async def show(request: Request) -> Response:
    """Lists the sessions of the viewer."""
    who = viewer(request)
    found = await in_thread(READS, services(request).sessions.of, who)
    rows = [(session_id(one.token), one, one.token == who.session) for one in found]
    return render(request, "sessions.html", rows=rows)


async def send(request: Request) -> Response:
    """Ends the session that the form names by its ID, or all."""
    who, sessions = viewer(request), services(request).sessions
    which = forms.fields(request).get("session", "")
    if which not in (ALL, session_id(who.session)):
        await in_thread(WRITES, sessions.end, who, which, actor(request))
        return see_other(request, "/sessions")
    id_token = await provider.id_token(request)
    if which == ALL:
        await in_thread(WRITES, sessions.end_all, who, actor(request))
    else:
        await in_thread(WRITES, sessions.end, who, which, actor(request))
    return await signed_out(request, id_token)


SHOW: Final = Page(handler=show, id="sessions", of_tenant=False)
SEND: Final = Page(handler=send, id="sessions-end", of_tenant=False)
