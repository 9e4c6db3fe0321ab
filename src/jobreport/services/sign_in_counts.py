"""Writes the counts of sign-ins from memory to the store, and from there, after each hour, to the audit log."""

from typing import Final

from jobreport.identity.oauth.sign_ins import SignIns
from jobreport.services.periodic import Periodic
from jobreport.store import Store

EVERY_SECONDS: Final = 5
"""Seconds between two writes of the counts. A process that is killed loses the counts since its last write."""
HOURS_EVERY_SECONDS: Final = 60


def sign_in_counts(store: Store, sign_ins: SignIns) -> Periodic:
    """Returns the service that adds this process's counts to those in the store, and does so when the server stops."""
    return Periodic("sign-ins not written", EVERY_SECONDS, lambda: sign_ins.flush(store), lambda: sign_ins.flush(store))


def sign_in_hours(store: Store, sign_ins: SignIns) -> Periodic:
    """Returns the service that moves the counts of each hour that is over into the audit log."""

    def close() -> None:
        sign_ins.close_hours(store)

    return Periodic("hours of sign-ins not closed", HOURS_EVERY_SECONDS, close)
