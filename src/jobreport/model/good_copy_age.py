"""How old the last good copy of a series may become before somebody has to look.

Nobody declares that for each series, so there is a default, and it is called one: what ran every day has 26 hours, so
that a backup may be two hours late. What ran less often has one and a half times its longest gap between two runs of
the last 60 days before its newest. A series with a single run has no default yet, and work that leaves no copy, such as
a restore, never has one.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from jobreport.model import ticks
from jobreport.model.catalog import JobType

PER_HOUR: Final = 3600 * ticks.PER_SECOND
DAILY: Final = 26 * PER_HOUR
"""The age that is agreed for a series that ran every day, in ticks."""
COPIES: Final = frozenset(kind for kind in JobType if kind.name.endswith("Backup"))
"""The types of jobs that leave a copy."""
LOOK_BACK: Final = 60 * ticks.PER_DAY
"""Runs that are older than this when the newest one began do not count, in ticks."""


def default_age(starts: Sequence[int]) -> int | None:
    """Returns the age in ticks that is agreed by default for a series with runs at these times (ticks, in any order).

    None if there are less than two runs in the last 60 days before the newest one.
    """
    ordered = sorted(starts)
    if not ordered:
        return None
    counted = [start for start in ordered if start >= ordered[-1] - LOOK_BACK]
    if len(counted) < 2:
        return None
    longest = max(later - earlier for earlier, later in pairwise(counted))
    return DAILY if longest <= DAILY else longest * 3 // 2
