"""Marks jobs as Failed if their runner promised heartbeats and has sent none for too long."""

import structlog

from jobreport.services.periodic import Periodic
from jobreport.store import HEARTBEAT_SECONDS, Store

_log = structlog.get_logger()


def stalled_jobs(store: Store) -> Periodic:
    """Returns the service. It looks every `HEARTBEAT_SECONDS`; of several processes, only one looks each time."""

    def look() -> None:
        if presumed := store.fail_stalled_jobs():
            _log.warning("jobs presumed failed", jobs=presumed)

    return Periodic("stalled jobs not looked for", HEARTBEAT_SECONDS, look)
