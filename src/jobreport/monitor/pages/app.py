"""One app registration, for admins: its credentials; a new secret, and the end of the app."""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from jobreport.identity.apps import credentials, registrations
from jobreport.identity.apps.credentials import secret_id
from jobreport.identity.apps.registrations import RegistrationError
from jobreport.model.roles import Role
from jobreport.monitor import forms
from jobreport.monitor.html import go_of, moved, render
from jobreport.monitor.page import Page, actor
from jobreport.monitor.pages.app_secret import to_secret
from jobreport.monitor.pages.apps import changeable
from jobreport.monitor.pages.confirm import ask_again, recently_confirmed
from jobreport.server.operation import services
from jobreport.store import Store
from jobreport.store.registry import credentials as of_apps
from jobreport.store.registry.apps import App
from jobreport.store.registry.credentials import AppCertificate
from jobreport.threads import READS, WRITES, in_thread

OVERLAPS: Final = {"0": "at once", "3600": "in an hour", "86400": "in a day", "604800": "in a week"}
"""When the earlier secrets end, in seconds, and in words."""


async def show(request: Request) -> Response:
    """Shows the app and its credentials."""
    app = await changeable(request)
    return await _page(request, app)


async def _page(request: Request, app: App, error: str = "", status: int = 200) -> Response:
    store = services(request).store
    certificates = await in_thread(READS, _certificates, store, app.client_id)
    return render(
        request,
        "app.html",
        status,
        app=app,
        secrets=[(secret_id(one), one) for one in app.secrets],
        certificates=certificates,
        now=store.clock(),
        error=error[:1].upper() + error[1:],
    )


def _certificates(store: Store, client_id: str) -> tuple[AppCertificate, ...]:
    with store.reading() as transaction:
        return of_apps.certificates_of(transaction, client_id)


async def ask_rotate(request: Request) -> Response:
    """Shows the form for another secret."""
    app = await changeable(request)
    return (
        render(request, "app_rotate.html", app=app, overlaps=OVERLAPS)
        if recently_confirmed(request)
        else ask_again(request)
    )


async def rotate(request: Request) -> Response:
    """Gives the app another secret, which is shown next. The earlier ones end after the time that the form names."""
    if not recently_confirmed(request):
        return ask_again(request)
    app, known = await changeable(request), services(request)
    overlap = forms.fields(request).get("overlap", "0")
    seconds = int(overlap) if overlap in OVERLAPS else 0
    try:
        issued = await in_thread(
            WRITES,
            lambda: credentials.rotate(known.store, app.client_id, overlap_seconds=seconds, by=actor(request)),
        )
    except RegistrationError as error:
        return await _page(request, app, str(error), 409)
    return to_secret(request, issued)


async def ask_revoke(request: Request) -> Response:
    """Asks whether the app really is to end."""
    return render(request, "app_revoke.html", app=await changeable(request))


async def revoke(request: Request) -> Response:
    """Ends the app: its tokens stop working within seconds."""
    app, known = await changeable(request), services(request)
    await in_thread(WRITES, lambda: registrations.revoke(known.store, app.client_id, by=actor(request)))
    return moved(go_of(request)("/apps"))


SHOW: Final = Page(handler=show, id="app", needs=Role.Admin)
ASK_ROTATE: Final = Page(handler=ask_rotate, id="app-new-secret", needs=Role.Admin)
ROTATE: Final = Page(handler=rotate, id="app-rotate", needs=Role.Admin)
ASK_REVOKE: Final = Page(handler=ask_revoke, id="app-end", needs=Role.Admin)
REVOKE: Final = Page(handler=revoke, id="app-revoke", needs=Role.Admin)
