"""Finds the tenant that a request is about: the tenant that it names, or the only tenant of its app."""

from typing import Final

from starlette.requests import Request

from jobreport.contract.query_language import TENANT
from jobreport.identity.principals import Principal, Principals, SuspendedTenantError, UnknownTenantError
from jobreport.model.errors import FieldError
from jobreport.server import query_string
from jobreport.server.problem import ProblemError
from jobreport.threads import READS, in_thread

HEADER: Final = "Jobreport-Tenant"
_FIELD: Final = HEADER.lower().encode()
"""The header's name as it is among the raw header fields. To look there takes a tenth of the time of Starlette's
`headers`."""
DESCRIPTION: Final = (
    "The tenant that is asked for or reported to. A provider's app, which may ask for several, has to name one; any "
    "other may name its own."
)


Named = list[tuple[str, str]]
"""For each place of a request that names a tenant: the place, and the name."""


def named(request: Request, *, parameter: bool) -> Named:
    """Returns every tenant that the request names, in the header and, if the operation allows that, in the query."""
    names = [(HEADER, value.decode("latin-1")) for name, value in request.scope["headers"] if name == _FIELD]
    if parameter:
        pairs = query_string.pairs(request)
        names += [(TENANT.name, text) for name, text in pairs if name.casefold() == TENANT.name and text]
    return names


async def of_tenant(named: Named, who: Principal, principals: Principals, *, parameter: bool) -> Principal:
    """Returns `who`, now acting for the tenant that the request names. `parameter`: the query may name it as well.

    Raises ProblemError 400 if no tenant is named, or more than one; 403 if the app may not access it. If there is no
    such tenant, the answer has the same words as 403. `errors` says where the tenant was named, or should be.
    """
    where = f"the header {HEADER}{f' or the parameter {TENANT.name}' if parameter else ''}"
    if not named:
        fault = FieldError(TENANT.name if parameter else HEADER, "is required: this app may ask for several tenants")
        raise ProblemError(400, f"This app may ask for several tenants: name one in {where}.", [fault])
    if len(named) > 1:
        places = dict.fromkeys(place for place, _ in named)
        faults = [FieldError(place, "must be the only one that names the tenant") for place in places]
        raise ProblemError(400, f"The tenant is named {len(named)} times; name it once, in {where}.", faults)
    ((place, name),) = named
    known = principals.cached_for_tenant(who, name)
    try:
        return known if known else await in_thread(READS, principals.for_tenant, who, name)
    except UnknownTenantError:
        fault = FieldError(place, "must be a tenant that this app may ask for")
        said = "There is no tenant of the name that was given, or this app may not ask for it."
        raise ProblemError(403, said, [fault]) from None
    except SuspendedTenantError as error:
        said, fault = str(error), FieldError(place, "must be a tenant that is not suspended")
        raise ProblemError(403, f"{said[:1].upper()}{said[1:]}.", [fault]) from None
