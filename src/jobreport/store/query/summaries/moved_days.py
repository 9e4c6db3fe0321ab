"""How the jobs of UTC days are given to local days and nights, which begin at another hour."""

from typing import NamedTuple

from jobreport.model import ticks


class Moved(NamedTuple):
    """How jobs of a UTC day are given to local days.

    The local day is the UTC day plus `shift` days. But for the jobs from `since` to `until` of the day (ticks after
    midnight UTC, both included) it is `towards` days later than that: 1 or -1; 0 if there are no such jobs.
    """

    shift: int
    since: int = 0
    until: int = -1
    towards: int = 0


def moved(offset: int) -> Moved:
    """Returns how jobs are moved if local days are `offset` ticks ahead of UTC.

    As few jobs as possible are moved. Example, two hours ahead: the jobs of 22:00 to 24:00 UTC go to the next day. 13
    hours ahead: all jobs go to the next day, except those of 00:00 to 11:00 UTC. A night that begins at 18:00 UTC is 18
    hours behind: all jobs go to the night of the day before, except those of 18:00 to 24:00 UTC.
    """
    half = ticks.PER_DAY // 2
    shift, rest = divmod(offset + half, ticks.PER_DAY)
    rest -= half
    if not rest:
        return Moved(shift)
    if rest > 0:
        return Moved(shift, ticks.PER_DAY - rest, ticks.PER_DAY - 1, 1)
    return Moved(shift, 0, -rest - 1, -1)
