"""`/sign-in`: where an operator signs in."""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from jobreport.monitor.html import render
from jobreport.monitor.page import Page


async def show(request: Request) -> Response:
    """Shows the form."""
    return render(request, "sign_in.html")


SHOW: Final = Page(handler=show, id="sign-in", needs=None, of_tenant=False)
