"""Makes the digests that are due. Of several server processes, the first one makes each."""

from collections.abc import Generator, Sequence
from typing import Final

import structlog

from jobreport.services.periodic import Periodic
from jobreport.store import Store
from jobreport.watch.digests.configured import Digest
from jobreport.watch.digests.making import make

LOOK_SECONDS: Final = 20

_log = structlog.get_logger()


def digests(store: Store, wanted: Sequence[Digest], public_url: str) -> tuple[Periodic, ...]:
    """Returns the service; none if there is no digest. `public_url` is the address of the monitor, for links."""

    def look() -> Generator[None, None, None]:
        for message in make(store, wanted, public_url):
            _log.info("digest made", digest=message.id, tenant=message.tenant_name)
            yield

    return (Periodic("digests not made", LOOK_SECONDS, look),) if wanted else ()
