"""The secret of an app, on a page of its own, once: to load the form's answer again must not make another secret.

Between the form and this page the secret is in a cookie, encrypted, for a few minutes. The server keeps only its hash.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from jobreport.identity.apps.permissions import MAY_WRITE
from jobreport.identity.apps.registrations import Issued
from jobreport.identity.keys import small_texts
from jobreport.model.roles import Role
from jobreport.monitor import cookies
from jobreport.monitor.html import go_of, moved, render
from jobreport.monitor.page import Page
from jobreport.monitor.pages.apps import changeable
from jobreport.monitor.pages.confirm import ask_again, recently_confirmed
from jobreport.server.operation import services

_SECONDS: Final = 300
"""For how long the cookie lasts if its page is not opened."""


def to_secret(request: Request, issued: Issued) -> Response:
    """Returns the answer to a form that made a secret: it leads to the page that shows it."""
    client_id = issued.app.client_id
    response = moved(go_of(request)(f"/apps/{client_id}/secret"))
    plain = f"{issued.expires} {issued.secret}".encode()
    sealed = small_texts.encrypt(cookies.get(request, cookies.SESSION), _purpose(client_id), plain)
    cookies.put(request, response, cookies.SECRET, urlsafe_b64encode(sealed).decode().rstrip("="), _SECONDS)
    return response


async def show(request: Request) -> Response:
    """Shows the secret that was just made of this app, and lets the browser forget it."""
    app = await changeable(request)
    if not recently_confirmed(request):
        return ask_again(request)
    expires, secret = _opened(request, app.client_id)
    response = render(
        request,
        "app_secret.html",
        200 if secret else 410,
        app=app,
        secret=secret,
        expires=expires,
        url=services(request).tokens.issuer,
        reports=bool(MAY_WRITE.intersection(app.permissions)),
    )
    if secret:
        cookies.remove(request, response, cookies.SECRET)
    return response


def _opened(request: Request, client_id: str) -> tuple[int, str]:
    """Returns until when the secret is valid (ticks), and the secret; 0 and an empty text if there is none to show."""
    try:
        sealed = urlsafe_b64decode(cookies.get(request, cookies.SECRET) + "==")
    except ValueError:
        return 0, ""
    plain = small_texts.decrypt(cookies.get(request, cookies.SESSION), _purpose(client_id), sealed)
    expires, _, secret = (plain or b"0 ").decode().partition(" ")
    return int(expires), secret


def _purpose(client_id: str) -> str:
    return f"secret of app {client_id}"


SHOW: Final = Page(handler=show, id="app-secret", needs=Role.Admin)
