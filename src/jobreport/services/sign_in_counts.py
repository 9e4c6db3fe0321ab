"""Writes how many sign-ins there were, which is counted in memory, and each hour's numbers into the audit log."""

from typing import Final

from jobreport.identity.oauth.sign_ins import SignIns
from jobreport.services.periodic import Periodic
from jobreport.store import Store

EVERY_SECONDS: Final = 5
"""How many seconds of counts a process that is killed takes with it."""
HOURS_EVERY_SECONDS: Final = 60


def sign_in_counts(store: Store, sign_ins: SignIns) -> Periodic:
    """Adds what this process counted to the store's counts; when the server stops, what is left."""
    return Periodic("sign-ins not written", EVERY_SECONDS, lambda: sign_ins.flush(store), lambda: sign_ins.flush(store))


def sign_in_hours(store: Store, sign_ins: SignIns) -> Periodic:
    """Moves the counts of every hour that is over into the audit log."""

    def close() -> None:
        sign_ins.close_hours(store)

    return Periodic("hours of sign-ins not closed", HOURS_EVERY_SECONDS, close)
