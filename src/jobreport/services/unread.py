"""Reads again the deliveries that could not be read, since a new version or a changed file may have a form for them.

Example: a webhook that came before its mapping was written becomes jobs when the server is started with the mapping. A
message of Amazon SNS whose signature could not be checked is checked again.
"""

from collections.abc import Generator, Mapping
from typing import Final

import structlog

from jobreport.inbox.rereading import Reader, read_again
from jobreport.model.unread import Kind
from jobreport.services.periodic import Periodic
from jobreport.store import Store
from jobreport.store.registry import tenants, unread

EVERY_SECONDS: Final = 3600

_log = structlog.get_logger()


def unread_again(store: Store, readers: Mapping[Kind, Reader]) -> Periodic:
    """Returns the service. It goes on from one to the next, so that nobody waits for all of them."""

    def look() -> Generator[None, None, None]:
        with store.reading() as transaction:
            every = [one for one in tenants.list_tenants(transaction) if not one.unusable()]
            waiting = [one for one in every if unread.counts(transaction, one.number)]
        for tenant in waiting:
            read = 0
            for one in read_again(store, readers, tenant.number):
                read += not one.why
                yield
            if read:
                _log.info("reports read that were kept unread", tenant=tenant.name, reports=read)

    return Periodic("unread reports not read again", EVERY_SECONDS, look)
