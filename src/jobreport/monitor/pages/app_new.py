"""The form for a new app of a tenant, for admins."""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from jobreport.identity.apps import registrations
from jobreport.identity.apps.permissions import PERMISSIONS, REPORT
from jobreport.identity.apps.registrations import SECRET_YEARS, RegistrationError
from jobreport.model.roles import Role
from jobreport.monitor import forms
from jobreport.monitor.html import render
from jobreport.monitor.page import Page, actor, tenant_of
from jobreport.monitor.pages.app_secret import to_secret
from jobreport.monitor.pages.confirm import ask_again, recently_confirmed
from jobreport.server.operation import services
from jobreport.threads import WRITES, in_thread


async def ask_new(request: Request) -> Response:
    """Shows the form for a new app."""
    return _form(request) if recently_confirmed(request) else ask_again(request)


async def create(request: Request) -> Response:
    """Registers an app of this tenant, and leads to its secret, which is shown once."""
    if not recently_confirmed(request):
        return ask_again(request)
    fields, known = forms.fields(request), services(request)
    years = fields.get("years", "")
    try:
        issued = await in_thread(
            WRITES,
            lambda: registrations.create(
                known.store,
                name=fields.get("name", "").strip(),
                tenant=tenant_of(request).name,
                permissions=[name for name in PERMISSIONS if fields.get(name)],
                years=int(years) if years.isascii() and years.isdigit() and len(years) == 1 else 0,
                by=actor(request),
            ),
        )
    except RegistrationError as error:
        return _form(request, str(error), 400)
    return to_secret(request, issued)


def _form(request: Request, error: str = "", status: int = 200) -> Response:
    return render(
        request,
        "app_new.html",
        status,
        error=error[:1].upper() + error[1:],
        permissions=PERMISSIONS,
        years=SECRET_YEARS,
        # What most apps do: they report what their machine backs up.
        given=forms.fields(request) if status != 200 else {REPORT: "1"},
    )


ASK_NEW: Final = Page(handler=ask_new, id="app-new", needs=Role.Admin)
CREATE: Final = Page(handler=create, id="app-create", needs=Role.Admin)
