"""Makes the digests that are due. Of several server processes, the first to see one makes it."""

from collections.abc import Generator, Sequence
from typing import Final

import structlog

from jobreport.services.periodic import Periodic
from jobreport.store import Store
from jobreport.watch.digests.configured import Digest
from jobreport.watch.digests.making import make, unknown_tenants

LOOK_SECONDS: Final = 20

_log = structlog.get_logger()


def digests(store: Store, wanted: Sequence[Digest], public_url: str) -> tuple[Periodic, ...]:
    """Returns the service; none if there is no digest. `public_url` is the address of the monitor, for links."""

    told: set[str] = set()

    def look() -> Generator[None, None, None]:
        for digest in wanted:
            unknown = {*unknown_tenants(store, digest)} - told
            if unknown:
                _log.warning("digest of unknown tenants", digest=digest.name, tenants=sorted(unknown))
            told.update(unknown)
        for message in make(store, wanted, public_url):
            _log.info("digest made", digest=message.id, tenant=message.tenant_name)
            yield

    return (Periodic("digests not made", LOOK_SECONDS, look),) if wanted else ()
