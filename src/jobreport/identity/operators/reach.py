"""Which tenants an operator may see."""

from jobreport.identity.operators.viewer import Viewer
from jobreport.model.audit import SERVICE
from jobreport.store import Store
from jobreport.store.registry import tenants
from jobreport.store.registry.tenants import Tenant, TenantStatus


def visible(store: Store, who: Viewer) -> tuple[Tenant, ...]:
    """Returns the active tenants that this person may see, sorted by name."""
    with store.reading() as transaction:
        found = tenants.list_tenants(transaction)
    return tuple(one for one in found if one.status is TenantStatus.ACTIVE and who.may_see(one.number))


def only_tenant(store: Store, who: Viewer) -> Tenant | None:
    """Returns the only tenant that this person may see; None if there are several, or none.

    The service's own tenant, which has only the reports about other tenants, does not count beside another.
    """
    found = visible(store, who)
    if len(found) > 1:
        found = tuple(one for one in found if one.number != SERVICE)
    return found[0] if len(found) == 1 else None
