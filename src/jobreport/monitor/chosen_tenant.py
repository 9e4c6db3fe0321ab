"""Finds the tenant that a page is about: the one that its query names, or the only one that the viewer may see."""

from starlette.requests import Request

from jobreport.contract.query_language import TENANT
from jobreport.identity.operators import reach
from jobreport.identity.operators.viewer import Viewer
from jobreport.server import query_string
from jobreport.server.operation import services
from jobreport.server.problem import ProblemError
from jobreport.store.registry.tenants import Tenant, TenantStatus
from jobreport.threads import READS, in_thread


async def find(request: Request, who: Viewer) -> Tenant | None:
    """Returns the tenant; None if none is named and the viewer may see several, or none at all.

    Raises ProblemError 404 if the viewer may not see it, in the same words as if there were none; 403 if it is
    suspended.
    """
    known = services(request)
    named = [text for name, text in query_string.pairs(request) if name.casefold() == TENANT.name and text]
    if len(named) > 1:
        raise ProblemError(400, "The address names more than one tenant.")
    if not named:
        return await in_thread(READS, reach.only_tenant, known.store, who)
    found = await in_thread(READS, known.tokens.principals.tenant, named[0])
    if found is None or not who.may_see(found.number):
        raise ProblemError(404, "There is no tenant of this name, or you may not see it.")
    if found.status is not TenantStatus.ACTIVE:
        raise ProblemError(403, f"The tenant {found.name} is suspended.")
    return found
