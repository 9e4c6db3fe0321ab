"""When a delivery is tried again: soon at first, then ever more seldom, for a day."""

from typing import Final

from jobreport.model import ticks

FIRST_WAIT: Final = 30
LONGEST_WAIT: Final = 3600
GIVE_UP: Final = 24 * 3600
"""In seconds: the wait after the first try, the longest one, and how long after its first try a delivery fails."""


def next_try(tries: int, tried: int, now: int, after: float = 0) -> int | None:
    """Returns when it is tried next; None if it is given up. It was tried so often (from 1), first at `tried`, last at
    `now` (ticks). `after`: the receiver wants no other try for so many seconds. The last try is a day after the first.
    """
    last = tried + GIVE_UP * ticks.PER_SECOND
    if now >= last:
        return None
    doubled = FIRST_WAIT * 2 ** min(tries - 1, 16)
    wait = max(min(doubled, LONGEST_WAIT), after)
    return min(now + int(wait * ticks.PER_SECOND), last)
