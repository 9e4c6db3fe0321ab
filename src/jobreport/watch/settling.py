"""Finds the first due time of a series that is still open. A new or changed schedule has no due times before now."""

import hashlib
from collections.abc import Sequence
from functools import lru_cache

import msgspec

from jobreport.model.due_times import EARLY, Following, first_due
from jobreport.model.expectation import Expectation
from jobreport.model.usual import Run
from jobreport.store.watch.missed import KEPT
from jobreport.store.watch.verdicts import Kept
from jobreport.watch.schedules import zone_of


@lru_cache(maxsize=4096)
def hash_of(rule: Expectation, zone: str) -> str:
    """Returns a hash of the schedule of a rule. If it differs from the stored one, the schedule is new. What an origin
    announces counts as one schedule, although its times come and go.
    """
    said = (rule.cron, rule.calendar, rule.every, zone_of(rule, zone), rule.holidays, rule.days_off)
    return hashlib.sha256(msgspec.json.encode(said)).hexdigest()[:16]


def first_unsettled(steps: Following, last: Sequence[Run], grace: int, at: int) -> int:
    """Returns the first due time after that of the newest run; without a run, the next one."""
    newest = max((run.start for run in last), default=at)
    return steps(max(newest + min(grace, EARLY), at - KEPT))


def begins_at(rule: Expectation, schedule: str, steps: Following, known: Kept | None, now: int) -> int:
    """Returns the first due time of a rule that is still open at `now` (ticks). `known` is the last verdict with the
    hash of the schedule at that time; `schedule` is the hash of the rule's schedule now.
    """
    if known is None or known.schedule != schedule:
        return first_due(known.due if known and known.schedule else 0, steps, now)
    if rule.at and known.due not in rule.at:  # it is not announced any more, or none was
        return steps(now - EARLY)
    return known.due
