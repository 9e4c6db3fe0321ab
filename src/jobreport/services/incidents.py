"""Tells the channels what happened to incidents, as the rules of `jobreport.toml` say, and deletes old incidents.

Every server process does this. What it finds and the messages about it are stored in one transaction, so two processes
never tell the same thing twice.
"""

from collections.abc import Collection, Generator, Sequence
from typing import Final

import structlog

from jobreport.model.notify_rule import Rule
from jobreport.services.periodic import Periodic
from jobreport.store import Store
from jobreport.watch import forgetting, new_rules, notifying, returning

TELL_SECONDS: Final = 10
"""How often it is looked for what is to be told."""
RETURN_SECONDS: Final = 60
"""How often it is looked whether who took an incident still has it."""
FORGET_SECONDS: Final = 3600

_log = structlog.get_logger()


def incidents_told(store: Store, rules: Sequence[Rule], public_url: str, channels: Collection[str]) -> Periodic:
    """Returns the service that tells. `public_url` is the address of the monitor, for links; `channels` are the names
    of all that there are.
    """

    is_first = True

    def look() -> Generator[None, None, None]:
        nonlocal is_first
        if is_first:
            if found := new_rules.look(store, rules):
                _log.info("rules look at what is open already", incidents=found)
            is_first = False
            yield
        for made in notifying.tell(store, rules, public_url, channels):
            if made:
                _log.info("incidents told", deliveries=made)
            yield

    return Periodic("incidents not told", TELL_SECONDS, look)


def incidents_returned(store: Store) -> Periodic:
    """Returns the service that has incidents come back which nobody has any more."""

    def look() -> None:
        if found := returning.look(store):
            _log.info("incidents came back", incidents=found)

    return Periodic("incidents that come back not looked for", RETURN_SECONDS, look)


def incidents_forgotten(store: Store) -> Periodic:
    """Returns the service that deletes what was closed long ago."""

    def look() -> Generator[None, None, None]:
        for _ in forgetting.forget(store):
            yield

    return Periodic("old incidents not deleted", FORGET_SECONDS, look)
