"""Deletes ended sessions, used or expired links, and old failed sign-ins of operators.

They are of no use, but they contain names and addresses of people, which are not kept longer than needed.
"""

from typing import Final

from jobreport.identity.operators import leftovers
from jobreport.services.periodic import Periodic
from jobreport.store import Store

EVERY_SECONDS: Final = 300


def ended_sessions(store: Store) -> Periodic:
    """Returns the service. It writes only if there is something to delete."""

    def look() -> None:
        leftovers.delete(store)

    return Periodic("ended sessions not deleted", EVERY_SECONDS, look)
