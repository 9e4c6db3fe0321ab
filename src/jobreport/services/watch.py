"""Judges series when a job of them changed, and when a deadline has passed: the watch."""

from collections.abc import Generator
from typing import Final

from jobreport.model import ticks
from jobreport.services.periodic import Periodic
from jobreport.store import HEARTBEAT_SECONDS, Store
from jobreport.store.jobs.stalled import heartbeat, was_away
from jobreport.watch.judging import look

EVERY_SECONDS: Final = 5
_TOLERANCE: Final = 3 * HEARTBEAT_SECONDS * ticks.PER_SECOND


def watch(store: Store) -> Periodic:
    """Returns the service. Several processes may watch at once: a series is kept by the one that is first."""

    def work() -> Generator[None, None, None]:
        now = store.clock()
        # First, since after a time without a service nothing may be judged before that is noted.
        with store.reading() as transaction:
            away = was_away(transaction, now, _TOLERANCE)
        if away:
            with store.writing() as transaction:
                heartbeat(transaction, now, _TOLERANCE)
        for _ in look(store, now):
            yield

    return Periodic("series not judged", EVERY_SECONDS, work)
