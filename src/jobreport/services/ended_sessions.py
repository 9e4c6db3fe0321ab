"""Deletes what counts no more of how operators signed in: sessions and links that are over, failures of long ago.

Nobody can use them anyway. But they name people and addresses, which are not kept for longer than they are needed.
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
