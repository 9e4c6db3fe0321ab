"""The lines of a night: the jobs of each series as one, what it came to, and how that differs from before."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Final

import msgspec

from jobreport.contract.job_row import JobRow
from jobreport.model.catalog import NOT_GOOD, STATE_LABELS, JobState
from jobreport.model.lengths import duration
from jobreport.model.need import is_to_come
from jobreport.model.why import why
from jobreport.monitor.links import Go, job_address
from jobreport.monitor.texts import Times
from jobreport.monitor.views.runs import KINDS

WIDTH: Final = 1000
"""How wide the line of a night is, in units of its drawing."""
_LEAST: Final = 4
"""The width of the shortest job, so that it can be seen and clicked."""
_WORST: Final = (
    JobState.Failed,
    JobState.NotStarted,
    JobState.Stopped,
    JobState.Exception,
    JobState.InProgress,
    JobState.Waiting,
    JobState.Successful,
    JobState.Skipped,
)
DUE: Final = (JobState.NotStarted, JobState.Waiting)
"""What has not begun, though it may be due."""


class Key(msgspec.Struct, frozen=True, order=True):
    """What the jobs of one line have in common: those of a series."""

    plan: str
    resource: str
    service: int
    type: int
    origin: str


class Change(StrEnum):
    """How a series differs from before, mostly from the same night a week ago; in the order of the page."""

    NOT_GOOD = "not good"
    """Not good, in a night that is not compared with another."""
    NEWLY_NOT_GOOD = "newly not good"
    """Not good, but good a week ago and when the night began."""
    STILL = "still not good"
    AGAIN = "failed and good again"
    """Not good, and good again in the same night."""
    RECOVERED = "recovered"
    """Good, but not a week ago."""
    NEW = "new"
    SAME = "as a week ago"
    OTHER = "others"
    """What is not compared, and need not be looked at."""


class Piece(msgspec.Struct, frozen=True):
    """One job on the line: where it begins and how wide it is, its name for people, and the address of its page."""

    kind: str
    x: int
    width: int
    name: str
    address: str


class Line(msgspec.Struct, frozen=True):
    """The jobs of one series in the night, oldest first. `state` is what it came to; `is_bad`: that is not good, or
    should have started, or was good and has `shrunk`; `is_to_come`: all that there is of it is due later, or a moment
    ago.
    """

    name: str
    resource: str
    state: int
    shrunk: bool
    is_bad: bool
    is_to_come: bool
    change: Change
    pieces: tuple[Piece, ...]
    address: str
    why: str
    times: str
    took: str


def by_series(jobs: Iterable[JobRow]) -> dict[Key, list[JobRow]]:
    """Returns the jobs of each series, those that started earlier first."""
    found: dict[Key, list[JobRow]] = {}
    for job in sorted(jobs, key=lambda one: (one.start, one.job_id)):
        found.setdefault(Key(job.plan, job.resource, job.service, job.type, job.origin), []).append(job)
    return found


def telling(jobs: Sequence[JobRow], good: frozenset[JobState], now: int) -> JobRow:
    """Returns the job that tells what the night came to for a series: the worst, the first of several. What was not
    good before a good one does not count, nor what is due later.
    """
    last_good = max((job.finish for job in jobs if job.state in good), default=-1)
    left = [job for job in jobs if job.state not in NOT_GOOD - good or job.finish > last_good]
    return min(left, key=lambda job: (_is_later(job, now), _WORST.index(JobState(job.state))))


def _is_later(job: JobRow, now: int) -> bool:
    return is_to_come(job.state, job.start, now)


class Before(msgspec.Struct, frozen=True):
    """What is known of the time before the night: the states of series in the same night a week ago, and which series
    were not good when the night began.
    """

    week_ago: Mapping[Key, int]
    failing: Collection[Key]


def line(
    key: Key,
    jobs: Sequence[JobRow],
    before: Before | None,
    good: frozenset[JobState],
    bounds: tuple[int, int],
    times: Times,
    go: Go,
    shrunk: Mapping[str, str],
) -> Line:
    """Returns the line of a series in the night with these bounds. `good` are the states that the tenant takes for
    good; `shrunk` says of good jobs how they have shrunk, by their IDs.
    """
    told = telling(jobs, good, times.now)
    state, bad = JobState(told.state), NOT_GOOD - good
    smaller = shrunk.get(told.job_id, "")
    is_bad = state in bad or bool(smaller) or (state is JobState.NotStarted and not _is_later(told, times.now))
    failed = next((job for job in reversed(jobs) if job.state in bad), None)
    said = smaller or (_why(told) if state in NOT_GOOD else "")
    if _is_later(told, times.now):
        change = Change.SAME if before else Change.OTHER
    elif is_bad and before is None:
        change = Change.NOT_GOOD
    elif is_bad and before:
        change = Change.STILL if before.week_ago.get(key) in bad or key in before.failing else Change.NEWLY_NOT_GOOD
    elif failed and state in good:
        change = Change.AGAIN
        failure = STATE_LABELS[JobState(failed.state)].lower()
        said = ": ".join(filter(None, (f"{failure} {times.hour(failed.finish)}", _why(failed))))
    elif before is None:
        change = Change.OTHER
    elif key not in before.week_ago:
        change = Change.NEW
    else:
        change = Change.RECOVERED if before.week_ago[key] in bad and state in good else Change.SAME
    return Line(
        name=key.plan or key.resource or told.description or told.job_id,
        resource=key.resource if key.plan else "",
        state=state,
        shrunk=bool(smaller),
        is_bad=is_bad,
        is_to_come=_is_later(told, times.now),
        change=change,
        pieces=tuple(_piece(job, *bounds, times, go) for job in jobs),
        address=job_address(go, told.job_id),
        why=said,
        times=_when(told, times),
        took="" if state in DUE else duration((told.finish or times.now) - told.start),
    )


def _why(job: JobRow) -> str:
    return why(job.cause, job.cause_text, job.comments)


def order(one: Line) -> tuple[int, int, str]:
    """Returns by what the lines are sorted: what is not good and other changes first, and what is due later last."""
    return (
        [*Change].index(one.change),
        len(_WORST) if one.is_to_come else _WORST.index(JobState(one.state)),
        one.name,
    )


def _when(job: JobRow, times: Times) -> str:
    begin = times.hour(job.start)
    if job.state in DUE:
        return f"{'due' if job.state == JobState.NotStarted else 'waits since'} {begin}"
    return f"{begin} to {times.hour(job.finish) if job.finish else 'now'}"


def _piece(job: JobRow, since: int, until: int, times: Times, go: Go) -> Piece:
    state = JobState(job.state)
    end = job.finish or (job.start if state is JobState.NotStarted else times.now)
    x = place(job.start, since, until)
    width = max(_LEAST, place(end, since, until) - x)
    name = _when(job, times) if state in DUE else f"{_when(job, times)}, {duration(end - job.start)}"
    return Piece(KINDS[state], min(x, WIDTH - width), width, name, job_address(go, job.job_id))


def place(moment: int, since: int, until: int) -> int:
    """Returns where a moment lies on the line of a night."""
    return round((min(max(moment, since), until) - since) * WIDTH / max(1, until - since))
