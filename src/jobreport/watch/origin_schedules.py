"""Expects runs at the times that the schedulers of origins announce for them.

It applies only if no other expectation says when runs are due, and only to backups and copies: a plan may do other work
under the same name, which that scheduler does not start.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from jobreport.model import ticks
from jobreport.model.expectation import Expectation
from jobreport.model.good_copy_age import COPIES
from jobreport.model.series_query import Series
from jobreport.model.streams import ConnectorStatus
from jobreport.store import Transaction
from jobreport.store.registry import next_runs
from jobreport.store.registry.connectors import Key

_GOES_ON: Final = 2 * ticks.PER_DAY
"""What is announced no more counts for so long after its last time: until that is judged."""

Announced = Mapping[tuple[str, str], Sequence[int]]
"""The times of the next runs (ticks), by origin and plan."""


def next_runs_of(
    transaction: Transaction, tenant: int, listed: Iterable[Series], standings: Iterable[ConnectorStatus]
) -> Announced:
    """Returns what is announced of these series."""
    names = {f"{one.connector.kind}/{one.connector.connector}": one.connector.connector for one in standings}
    plans: dict[str, set[str]] = {}
    for one in listed:
        if one.origin in names and one.plan and one.type in COPIES:
            plans.setdefault(one.origin, set()).add(one.plan)
    return {
        (origin, plan): times
        for origin, wanted in plans.items()
        for plan, times in next_runs.of_plans(transaction, Key(tenant, names[origin]), wanted).items()
    }


def expectation_of(one: Series, announced: Announced, now: int) -> Expectation | None:
    """Returns what is expected of a series at `now` (ticks) by what is announced; None: nothing is."""
    times = announced.get((one.origin, one.plan), ()) if one.type in COPIES else ()
    if not times or times[-1] < now - _GOES_ON:
        return None
    name = one.origin.rpartition("/")[2]
    return Expectation(name=name, plan=one.plan, origin=one.origin, by=one.origin, at=tuple(times))
