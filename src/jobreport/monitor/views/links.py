"""The questions behind the numbers of a page: each number is a link to the list of just what it counts."""

from collections.abc import Sequence
from typing import Final, Protocol

from jobreport.model.catalog import JobState
from jobreport.model.need import GRACE
from jobreport.monitor.links import Go, link
from jobreport.monitor.parameters import written_time
from jobreport.monitor.views.period import Period

JOBS: Final = "/jobs"


class Counted(Protocol):
    """What a tile counts."""

    @property
    def state(self) -> JobState:
        """The state of its jobs."""


def tile_link(tile: Counted, period: Period, now: int, go: Go = link) -> str:
    """Returns the address of the jobs of a tile: those that ended in the period; or, in a state of jobs that have not
    ended, those of now.
    """
    if tile.state.finished:
        return ended_link(tile.state.name, period, go)
    # A job that is due later, or a moment ago, is not late.
    due = written_time(now - GRACE) if tile.state is JobState.NotStarted else ""
    return go(JOBS, state=tile.state.name, finishTime=due)


def cause_link(code: str, states: Sequence[JobState], period: Period, go: Go = link) -> str:
    """Returns the address of the jobs that were not good for a cause in the period. `states` are those that are not
    good.
    """
    return ended_link(",".join(state.name for state in states), period, go, cause=code)


def ended_link(states: str, period: Period, go: Go = link, **more: str) -> str:
    """Returns the address of the jobs that ended in the period in these states."""
    return go(JOBS, state=states, endedSince=written_time(period.since), endedUntil=written_time(period.until), **more)
