"""Presumes jobs to have failed whose runner promised a sign of life and has given none for too long."""

import structlog

from jobreport.services.periodic import Periodic
from jobreport.store import HEARTBEAT_SECONDS, Store

_log = structlog.get_logger()


def stalled_jobs(store: Store) -> Periodic:
    """Looks every `HEARTBEAT_SECONDS`; of several processes, one looks for all."""

    def look() -> None:
        if presumed := store.fail_stalled_jobs():
            _log.warning("jobs presumed failed", jobs=presumed)

    return Periodic("stalled jobs not looked for", HEARTBEAT_SECONDS, look)
