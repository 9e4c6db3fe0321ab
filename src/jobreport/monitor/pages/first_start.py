"""What a person sees before the first job is reported: the steps that lead to it, from the pages as far as they go."""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from jobreport.identity import tenants
from jobreport.identity.apps.permissions import MAY_WRITE
from jobreport.identity.operators import reach
from jobreport.identity.operators.viewer import Viewer
from jobreport.model.audit import SERVICE
from jobreport.model.roles import Role
from jobreport.monitor.html import render, see_other
from jobreport.monitor.page import CUSTOMERS, Page, actor, viewer
from jobreport.server.operation import services
from jobreport.store import Store
from jobreport.store.registry import apps
from jobreport.store.registry.apps import App
from jobreport.store.registry.tenants import Tenant
from jobreport.threads import WRITES, in_thread

FIRST_TENANT: Final = "default"
"""The tenant of who has no customers: `app create` makes the same one unless it names another."""
_NEW_APP: Final = "/apps/new"


def steps(request: Request, registered: tuple[App, ...] = ()) -> Response:
    """Returns the page with the steps. `registered` are the apps of the tenant."""
    return render(
        request,
        "first_start.html",
        live=True,
        server=services(request).tokens.issuer,
        apps=[one.name for one in registered if not one.revoked and MAY_WRITE.intersection(one.permissions)],
        is_admin=viewer(request).role is Role.Admin,
        first_tenant=FIRST_TENANT,
    )


def registered(store: Store, of: Tenant) -> tuple[App, ...]:
    """Returns the apps of the tenant. To be called in a thread."""
    with store.reading() as transaction:
        return apps.list_apps(transaction, of.name)


async def begin(request: Request) -> Response:
    """Makes the first tenant, if there is none yet, and leads to the form for its first app."""
    who, store = viewer(request), services(request).store
    made = await in_thread(WRITES, lambda: _begin(store, who, request))
    return see_other(request, _NEW_APP if made else CUSTOMERS)


def _begin(store: Store, who: Viewer, request: Request) -> bool:
    if who.reach is not None or any(one.number != SERVICE for one in reach.visible(store, who)):
        return False
    tenants.ensure(store, FIRST_TENANT, by=actor(request))
    return True


BEGIN: Final = Page(handler=begin, id="begin", needs=Role.Admin, of_tenant=False)
