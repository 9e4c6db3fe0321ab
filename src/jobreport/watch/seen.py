"""What the connector of a series could read: until when, which times it cannot, and what its origin has forgotten."""

import msgspec

from jobreport.model.due_times import Missed, Outage, is_lost
from jobreport.model.judging import Freshness
from jobreport.model.streams import Standing


def freshness_of(standing: Standing | None, now: int) -> Freshness:
    """Returns what a connector could read at `now` (ticks); None: no connector reads the series."""
    if standing is None:
        return Freshness()
    read = min((one.watermark for one in standing.streams), default=0)
    holes = tuple(Outage(one.begins, one.ends) for one in standing.holes)
    without = standing.without_data(now)
    if without:
        return Freshness(standing.told(without[0], now), read, holes)
    streamless = standing.streamless(now)
    return Freshness(f"no data yet: {streamless}" if streamless else "", read, holes)


def as_lost(run: Missed, grace: int, freshness: Freshness) -> Missed:
    """Returns a run of which nothing is known as one that is lost, if its origin has forgotten that time."""
    if run.known or run.lost or not is_lost(run.due, run.due + grace, freshness.holes):
        return run
    return msgspec.structs.replace(run, lost=True)
