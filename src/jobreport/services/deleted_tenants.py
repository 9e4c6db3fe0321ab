"""Purges deleted tenants: deletes all their jobs for good when the time in which they could be resumed is over.

It works in small steps, so that requests do not have to wait. A lease on each tenant makes sure that only one process
purges it. If that process stops in the middle, the next process that looks continues the purge.
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
    """Returns the service. It purges one tenant after the other; if one of them fails, it goes on with the next."""

    def look() -> Generator[None, None, None]:
        for tenant, _ in purge.due(store):
            try:
                yield from _purged(store, tenant)
            except TenantError:  # another process is purging it
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
