"""What the page of a night shows: the jobs of each series on a line of time, and what is unlike a week ago."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from enum import StrEnum
from typing import Final, NamedTuple

import msgspec

from jobreport.contract.job_row import JobRow
from jobreport.model import nights, ticks
from jobreport.model.catalog import NOT_GOOD, STATE_LABELS, JobState
from jobreport.model.need import is_to_come
from jobreport.model.nights import NightHours
from jobreport.monitor.links import Go, job_address
from jobreport.monitor.texts import Times, duration, plural
from jobreport.monitor.views.runs import KINDS
from jobreport.monitor.views.why import why

WIDTH: Final = 1000
"""How wide the line of a night is, in units of its drawing."""
_HOURS: Final = 3
"""The number of hours between two marks of the line."""
_LEAST: Final = 4
"""The width of the shortest job, so that it can be seen and clicked."""
_LABELS: Final = {**STATE_LABELS, JobState.InProgress: "Running"}
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
_DUE: Final = (JobState.NotStarted, JobState.Waiting)
"""What has not begun, though it may be due."""


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
    """The jobs of one series in the night, oldest first. `state` is that of its worst job; `is_bad`: that is not good,
    or should have started; `is_to_come`: all that there is of it is due later, or a moment ago.
    """

    name: str
    resource: str
    state: int
    is_bad: bool
    is_to_come: bool
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


class Large(NamedTuple):
    """How the jobs of a night ended that has too many to be drawn: how many were not good, and how many were."""

    not_good: int
    good: int


class NightView(msgspec.Struct, frozen=True, kw_only=True):
    """The page of a night. `jobs` is how many ran, exactly; `shown` of how many of them the lines are made. `due` is
    how many more were due, or are later in the night, and have not begun. `gone` names the series that ran a week ago
    and not in this night. `sentence` says how the night was. `is_compared` with the same night a week ago: not if one
    of both is too large.
    """

    day: date
    jobs: int
    shown: int
    due: int
    lines: tuple[Line, ...]
    changes: Mapping[str, int]
    gone: tuple[str, ...]
    is_compared: bool
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
    week_ago: Iterable[JobRow] | None,
    times: Times,
    go: Go,
    large: Large | None = None,
) -> NightView:
    """Returns what the page shows. `jobs` ended in the night or run now, or are due in it and have not begun;
    `week_ago` ended in the same night a week ago (None: too many did). `large`: how the jobs of this night ended, if
    `jobs` are not all of them.

    `total` is the exact number of those that ended or run. `good` are the states that the tenant takes for good.
    """
    since, until = nights.bounds(hours, day)
    is_compared = week_ago is not None and not large
    then = _by_series(week_ago if week_ago and is_compared else ())
    before = {key: _worst(rows, times.now).state for key, rows in then.items()} if is_compared else None
    # While the night goes on, what ended later a week ago may still come.
    so_far = times.now - since + nights.begin(hours, week_before(day))
    mine = _by_series(jobs)
    lines = [_line(key, rows, before, good, (since, until), times, go) for key, rows in mine.items()]
    lines.sort(key=_order)
    changes = {
        str(change): sum(one.change is change for one in lines) for change in Change if change is not Change.SAME
    }
    states = Counter(JobState(one.state) for one in lines if not one.is_to_come)
    bad = sum(one.is_bad for one in lines)
    well, every = sum(states[state] for state in good), sum(states.values())
    sentence = _sentence(states, bad, good)
    if large:
        late = sum(line.is_bad and line.state == JobState.NotStarted for line in lines)
        bad, well, every = large.not_good + late, large.good, total + late
        sentence = _sentence_of_jobs(bad, well, every)
    due = sum(job.state in _DUE for job in jobs)
    return NightView(
        day=day,
        jobs=total,
        shown=len(jobs) - due,
        due=due,
        lines=tuple(lines),
        changes={name: number for name, number in changes.items() if number},
        gone=tuple(sorted(_name(key) for key in then.keys() - mine.keys() if then[key][0].finish <= so_far)),
        marks=tuple(_marks(since, until, times)),
        now=_place(times.now, since, until) if since <= times.now <= until else None,
        not_good=bad,
        is_compared=is_compared,
        mood="bad" if bad else "good" if well and well == every else "none",
        sentence=sentence,
    )


def _sentence(states: Mapping[JobState, int], bad: int, good_states: frozenset[JobState]) -> str:
    """Returns how the night was. `states`: how many series were in each state by their worst job."""
    every, good = sum(states.values()), sum(states.get(state, 0) for state in good_states)
    if not every:
        return "Nothing ran in this night"
    if bad:
        return f"{bad:,} of {plural(every, 'series', 'series')} {'was' if bad == 1 else 'were'} not good in this night"
    if good == every:
        return (
            f"All {every:,} series were good in this night" if every > 1 else "The only series was good in this night"
        )
    # What still runs, or was skipped, left no copy.
    others = [
        f"{number:,} {_LABELS[state].lower()}" for state, number in sorted(states.items()) if state not in good_states
    ]
    was = "was" if good == 1 else "were"
    return f"{good:,} of {plural(every, 'series', 'series')} {was} good in this night: {', '.join(others)}"


def _sentence_of_jobs(bad: int, good: int, every: int) -> str:
    """Returns the same of a night that is too large to be told by its series."""
    if good == every:
        return f"All {every:,} jobs were good in this night"
    number, words = (bad, "not good") if bad else (good, "good")
    return f"{number:,} of {every:,} jobs {'was' if number == 1 else 'were'} {words} in this night"


def _by_series(jobs: Iterable[JobRow]) -> dict[Key, list[JobRow]]:
    found: dict[Key, list[JobRow]] = {}
    for job in sorted(jobs, key=lambda one: (one.start, one.job_id)):
        found.setdefault(Key(job.plan, job.resource, job.service, job.type, job.origin), []).append(job)
    return found


def _worst(jobs: Iterable[JobRow], now: int) -> JobRow:
    """Returns the worst of these jobs, the first of several. What is due later is none that did not start."""
    return min(jobs, key=lambda job: (_is_later(job, now), _WORST.index(JobState(job.state))))


def _is_later(job: JobRow, now: int) -> bool:
    return is_to_come(job.state, job.start, now)


def _line(
    key: Key,
    jobs: Sequence[JobRow],
    before: Mapping[Key, int] | None,
    good: frozenset[JobState],
    bounds: tuple[int, int],
    times: Times,
    go: Go,
) -> Line:
    worst = _worst(jobs, times.now)
    state, bad = JobState(worst.state), NOT_GOOD - good
    is_bad = state in bad or (state is JobState.NotStarted and not _is_later(worst, times.now))
    return Line(
        name=key.plan or key.resource or worst.description or worst.job_id,
        resource=key.resource if key.plan else "",
        state=state,
        is_bad=is_bad,
        is_to_come=_is_later(worst, times.now),
        change=Change.SAME
        if before is None or _is_later(worst, times.now)
        else _change(state, before.get(key), good, is_bad=is_bad),
        pieces=tuple(_piece(job, *bounds, times, go) for job in jobs),
        address=job_address(go, worst.job_id),
        why=why(worst.cause, worst.cause_text, worst.comments) if state in NOT_GOOD else "",
        times=_when(worst, times),
        took="" if state in _DUE else duration((worst.finish or times.now) - worst.start),
    )


def _order(line: Line) -> tuple[bool, int, str]:
    """Returns by what the lines are sorted: the worst first, and what is due later last."""
    return not line.is_bad, len(_WORST) if line.is_to_come else _WORST.index(JobState(line.state)), line.name


def _when(job: JobRow, times: Times) -> str:
    begin = times.hour(job.start)
    if job.state in _DUE:
        return f"{'due' if job.state == JobState.NotStarted else 'waits since'} {begin}"
    return f"{begin} to {times.hour(job.finish) if job.finish else 'now'}"


def _change(state: int, before: int | None, good: frozenset[JobState], *, is_bad: bool) -> Change:
    bad = NOT_GOOD - good
    if before is None:
        return Change.NEW
    if is_bad:
        return Change.SAME if before in bad else Change.NEWLY_NOT_GOOD
    return Change.RECOVERED if before in bad and state in good else Change.SAME


def _name(key: Key) -> str:
    return " / ".join(filter(None, (key.plan, key.resource)))


def _piece(job: JobRow, since: int, until: int, times: Times, go: Go) -> Piece:
    state = JobState(job.state)
    end = job.finish or (job.start if state is JobState.NotStarted else times.now)
    x = _place(job.start, since, until)
    width = max(_LEAST, _place(end, since, until) - x)
    name = _when(job, times) if state in _DUE else f"{_when(job, times)}, {duration(end - job.start)}"
    return Piece(KINDS[state], min(x, WIDTH - width), width, name, job_address(go, job.job_id))


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
