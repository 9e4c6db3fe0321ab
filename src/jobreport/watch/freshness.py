"""How far the connector of a series has read: up to when, and of which times its origin has already lost the jobs."""

import msgspec

from jobreport.model.due_times import Missed, Outage, is_lost
from jobreport.model.judging import Freshness
from jobreport.model.streams import ConnectorStatus


def freshness_of(status: ConnectorStatus | None, now: int) -> Freshness:
    """Returns how far a connector has read at `now` (ticks). `status` is None if no connector reads the series."""
    if status is None:
        return Freshness()
    read = min((one.watermark for one in status.streams), default=0)
    holes = tuple(Outage(one.begins, one.ends) for one in status.holes)
    without = status.without_data(now)
    if without:
        return Freshness(status.told(without[0], now), read, holes)
    streamless = status.streamless(now)
    return Freshness(f"no data yet: {streamless}" if streamless else "", read, holes)


def as_lost(run: Missed, grace: int, freshness: Freshness) -> Missed:
    """Returns a run of which nothing is known; marked as lost if its origin no longer has the jobs of that time."""
    if run.known or run.lost or not is_lost(run.due, run.due + grace, freshness.holes):
        return run
    return msgspec.structs.replace(run, lost=True)
