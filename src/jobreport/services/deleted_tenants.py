"""Deletes the history of deleted tenants, once the time is over in which they could be resumed.

It goes in small steps beside the requests. Of several processes one does it, by a lease on each tenant; one that is
stopped in the middle is gone on with later, by whichever process comes to it.
"""

from collections.abc import Generator
from contextlib import closing
from typing import Final

import structlog

from jobreport.identity import purge
from jobreport.identity.tenants import TenantError
from jobreport.services.periodic import Periodic
from jobreport.store import Store
from jobreport.store.registry.tenants import Tenant

EVERY_SECONDS: Final = 60

_log = structlog.get_logger()


def deleted_tenants(store: Store) -> Periodic:
    """One tenant after the other; where one cannot be deleted, the others still are."""

    def look() -> Generator[None, None, None]:
        for tenant, _ in purge.due(store):
            try:
                yield from _purged(store, tenant)
            except TenantError:  # another process is at it
                pass
            except Exception as error:  # noqa: BLE001 - the next look goes on with it
                _log.error("deleted tenant not purged", tenant=tenant.name, reason=type(error).__name__)

    return Periodic("deleted tenants not looked for", EVERY_SECONDS, look)


def _purged(store: Store, tenant: Tenant) -> Generator[None, None, None]:
    gone = 0
    with closing(purge.purge(store, tenant)) as steps:
        for jobs in steps:
            gone += jobs
            yield
    _log.warning("deleted tenant purged", tenant=tenant.name, jobs=gone)
