"""What the page of a night shows: the jobs of each series on a line of time, and what is unlike a week ago."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

import msgspec

from jobreport.contract.job_row import JobRow
from jobreport.model import nights, ticks
from jobreport.model.catalog import NOT_GOOD, STATE_LABELS, JobState
from jobreport.model.nights import NightHours
from jobreport.monitor.links import Go, job_address
from jobreport.monitor.texts import Times, duration
from jobreport.monitor.views.runs import KINDS
from jobreport.monitor.views.why import why

WIDTH: Final = 1000
"""How wide the line of a night is, in units of its drawing."""
_HOURS: Final = 3
"""The number of hours between two marks of the line."""
_LEAST: Final = 4
"""The width of the shortest job, so that it can be seen and clicked."""
_LABELS: Final = {**STATE_LABELS, JobState.InProgress: "Running"}
_WORST: Final = (JobState.Failed, JobState.Stopped, JobState.Exception, JobState.InProgress, JobState.Successful)


class Key(msgspec.Struct, frozen=True, order=True):
    """What the jobs of one line have in common: those of a series."""

    plan: str
    resource: str
    service: int
    type: int
    origin: str


class Change(StrEnum):
    """How a series differs from the same night a week ago."""

    NEWLY_NOT_GOOD = "newly not good"
    RECOVERED = "recovered"
    NEW = "new"
    SAME = ""


class Piece(msgspec.Struct, frozen=True):
    """One job on the line: where it begins and how wide it is, its name for people, and the address of its page."""

    kind: str
    x: int
    width: int
    name: str
    address: str


class Line(msgspec.Struct, frozen=True):
    """The jobs of one series in the night, oldest first. `state` is that of its worst job."""

    name: str
    resource: str
    state: int
    change: Change
    pieces: tuple[Piece, ...]
    address: str
    why: str
    times: str
    took: str


class Mark(msgspec.Struct, frozen=True):
    """A time on the line."""

    x: int
    name: str


class NightView(msgspec.Struct, frozen=True, kw_only=True):
    """The page of a night. `jobs` is how many there are, exactly; `shown` of how many the lines are made. `gone` names
    the series that ran a week ago and not in this night. `sentence` says how the night was.
    """

    day: date
    jobs: int
    shown: int
    lines: tuple[Line, ...]
    changes: Mapping[str, int]
    gone: tuple[str, ...]
    marks: tuple[Mark, ...]
    now: int | None
    not_good: int
    mood: str
    sentence: str


def night_view(
    hours: NightHours,
    good: frozenset[JobState],
    day: date,
    jobs: Sequence[JobRow],
    total: int,
    week_ago: Iterable[JobRow],
    times: Times,
    go: Go,
) -> NightView:
    """Returns what the page shows. `jobs` ended in the night or run now, `week_ago` ended in the same night a week ago.

    `total` is the exact number of those in the night. `good` are the states that the tenant takes for good.
    """
    since, until = nights.bounds(hours, day)
    before = {key: _worst(rows) for key, rows in _by_series(week_ago).items()}
    mine = _by_series(jobs)
    lines = [_line(key, rows, before, good, (since, until), times, go) for key, rows in mine.items()]
    lines.sort(key=lambda one: (_WORST.index(JobState(one.state)) if one.state in _WORST else len(_WORST), one.name))
    changes = {
        str(change): sum(one.change is change for one in lines) for change in Change if change is not Change.SAME
    }
    states = Counter(JobState(one.state) for one in lines)
    bad = sum(states[state] for state in NOT_GOOD - good)
    well = sum(states[state] for state in good)
    return NightView(
        day=day,
        jobs=total,
        shown=len(jobs),
        lines=tuple(lines),
        changes={name: number for name, number in changes.items() if number},
        gone=tuple(sorted(_name(key) for key in before.keys() - mine.keys())),
        marks=tuple(_marks(since, until, times)),
        now=_place(times.now, since, until) if since <= times.now <= until else None,
        not_good=bad,
        mood="bad" if bad else "good" if lines and well == len(lines) else "none",
        sentence=_sentence(states, bad, good),
    )


def _sentence(states: Mapping[JobState, int], bad: int, good_states: frozenset[JobState]) -> str:
    """Returns how the night was. `states`: how many series were in each state by their worst job."""
    every, good = sum(states.values()), sum(states.get(state, 0) for state in good_states)
    if not every:
        return "Nothing ran in this night"
    if bad:
        return f"{bad:,} of {every:,} {'was' if bad == 1 else 'were'} not good in this night"
    if good == every:
        return f"All {every:,} were good in this night" if every > 1 else "The only one was good in this night"
    # What still runs, or was skipped, left no copy.
    others = [
        f"{number:,} {_LABELS[state].lower()}" for state, number in sorted(states.items()) if state not in good_states
    ]
    return f"{good:,} of {every:,} {'was' if good == 1 else 'were'} good in this night: {', '.join(others)}"


def _by_series(jobs: Iterable[JobRow]) -> dict[Key, list[JobRow]]:
    found: dict[Key, list[JobRow]] = {}
    for job in sorted(jobs, key=lambda one: (one.start, one.job_id)):
        found.setdefault(Key(job.plan, job.resource, job.service, job.type, job.origin), []).append(job)
    return found


def _worst(jobs: Iterable[JobRow]) -> int:
    states = {job.state for job in jobs}
    return next((int(state) for state in _WORST if state in states), min(states))


def _line(
    key: Key,
    jobs: Sequence[JobRow],
    before: Mapping[Key, int],
    good: frozenset[JobState],
    bounds: tuple[int, int],
    times: Times,
    go: Go,
) -> Line:
    state = _worst(jobs)
    worst = next(job for job in jobs if job.state == state)
    return Line(
        name=key.plan or key.resource or worst.description or worst.job_id,
        resource=key.resource if key.plan else "",
        state=state,
        change=_change(state, before.get(key), good),
        pieces=tuple(_piece(job, *bounds, times, go) for job in jobs),
        address=job_address(go, worst.job_id),
        why=why(worst.cause, worst.cause_text, worst.comments) if state in NOT_GOOD else "",
        times=f"{times.hour(worst.start)} to {times.hour(worst.finish) if worst.finish else 'now'}",
        took=duration((worst.finish or times.now) - worst.start),
    )


def _change(state: int, before: int | None, good: frozenset[JobState]) -> Change:
    bad = NOT_GOOD - good
    if before is None:
        return Change.NEW
    if state in bad:
        return Change.SAME if before in bad else Change.NEWLY_NOT_GOOD
    return Change.RECOVERED if before in bad and state in good else Change.SAME


def _name(key: Key) -> str:
    return " / ".join(filter(None, (key.plan, key.resource)))


def _piece(job: JobRow, since: int, until: int, times: Times, go: Go) -> Piece:
    end = job.finish or times.now
    x = _place(job.start, since, until)
    width = max(_LEAST, _place(end, since, until) - x)
    name = f"{times.hour(job.start)} to {times.hour(end) if job.finish else 'now'}, {duration(end - job.start)}"
    return Piece(KINDS[JobState(job.state)], min(x, WIDTH - width), width, name, job_address(go, job.job_id))


def _place(moment: int, since: int, until: int) -> int:
    return round((min(max(moment, since), until) - since) * WIDTH / max(1, until - since))


def _marks(since: int, until: int, times: Times) -> Iterator[Mark]:
    hour = 3600 * ticks.PER_SECOND
    moment = since
    while moment < until:
        yield Mark(_place(moment, since, until), times.hour(moment))
        moment += _HOURS * hour


def week_before(day: date) -> date:
    """Returns the same night a week ago."""
    return day - timedelta(7)
