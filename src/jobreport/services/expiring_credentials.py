"""Logs a warning about apps whose last secret or certificate expires soon, once a day and by only one process."""

from typing import Final

import structlog

from jobreport.identity.apps import credentials
from jobreport.model import ticks
from jobreport.services.periodic import Periodic
from jobreport.store import Store

EVERY_SECONDS: Final = 3600

_log = structlog.get_logger()


def expiring_credentials(store: Store) -> Periodic:
    """Returns the service. It looks every hour whether a process has already given the warning of the last 24 hours."""

    def look() -> None:
        for name, ends in credentials.expiring_sign_ins(store):
            _log.warning("sign-in ends soon", app=name, ends=ticks.to_iso(ends, digits=0))

    return Periodic("apps that soon cannot sign in not looked for", EVERY_SECONDS, look)
