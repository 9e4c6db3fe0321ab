"""Reads every few seconds how fresh connectors are, so that each report says it."""

from collections.abc import Callable
from typing import Final

from jobreport.services.periodic import Periodic
from jobreport.threads import READS

EVERY_SECONDS: Final = 5


def connector_freshness(renew: Callable[[], None]) -> Periodic:
    """Returns the service; `renew` reads it."""
    return Periodic("freshness of connectors not read", EVERY_SECONDS, renew, threads=READS)
