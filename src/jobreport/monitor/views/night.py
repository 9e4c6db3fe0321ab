"""What the page of a night shows: the jobs of each series on a line of time, and what is unlike a week ago."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import groupby
from types import MappingProxyType
from typing import Final, NamedTuple

import msgspec

from jobreport.contract.job_row import JobRow
from jobreport.model import nights, ticks
from jobreport.model.catalog import STATE_LABELS, JobState
from jobreport.model.nights import NightHours
from jobreport.monitor.links import Go
from jobreport.monitor.texts import Times, plural
from jobreport.monitor.views.night_lines import (
    DUE,
    Before,
    Change,
    Key,
    Line,
    by_series,
    line,
    order,
    place,
    telling,
)

_HOURS: Final = 3
"""The number of hours between two marks of the line."""
_LONG: Final = 50
"""The most series that are shown of those that need no look; more are folded."""
_LABELS: Final = {**STATE_LABELS, JobState.InProgress: "Running"}


class Group(msgspec.Struct, frozen=True):
    """The series with the same change. `name` is the last part of its address; `is_long`: it is folded."""

    change: Change
    name: str
    lines: tuple[Line, ...]
    is_long: bool


class HourMark(msgspec.Struct, frozen=True):
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
    groups: tuple[Group, ...]
    gone: tuple[str, ...]
    is_compared: bool
    marks: tuple[HourMark, ...]
    now: int | None
    not_good: int
    mood: str
    sentence: str

    @property
    def changed(self) -> list[Group]:
        """Those that differ from before."""
        return [one for one in self.groups if one.change not in (Change.NOT_GOOD, Change.SAME, Change.OTHER)]

    @property
    def lines(self) -> list[Line]:
        """All its lines."""
        return [one for group in self.groups for one in group.lines]


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
    failing: Collection[Key] = (),
    shrunk: Mapping[str, str] = MappingProxyType({}),
) -> NightView:
    """Returns what the page shows. `jobs` ended in the night or run now, or are due in it and have not begun;
    `week_ago` ended in the same night a week ago (None: too many did). `large`: how the jobs of this night ended, if
    `jobs` are not all of them. `failing` are the series that were not good when the night began; `shrunk` says of good
    jobs how they have shrunk, by their IDs.

    `total` is the exact number of those that ended or run. `good` are the states that the tenant takes for good.
    """
    since, until = nights.bounds(hours, day)
    is_compared = week_ago is not None and not large
    then = by_series(week_ago if week_ago and is_compared else ())
    states_then = {key: telling(rows, good, times.now).state for key, rows in then.items()}
    before = Before(states_then, failing) if is_compared else None
    # While the night goes on, what ended later a week ago may still come.
    so_far = times.now - since + nights.begin(hours, week_before(day))
    mine = by_series(jobs)
    lines = sorted(
        (line(key, rows, before, good, (since, until), times, go, shrunk) for key, rows in mine.items()), key=order
    )
    states = Counter(JobState(one.state) for one in lines if not one.is_to_come)
    bad = sum(one.is_bad for one in lines)
    well, every = sum(states[state] for state in good), sum(states.values())
    sentence = _sentence(states, bad, good, sum(one.change is Change.AGAIN for one in lines))
    if large:
        late = sum(one.is_bad and one.state == JobState.NotStarted for one in lines)
        bad, well, every = large.not_good + late, large.good, total + late
        sentence = _sentence_of_jobs(bad, well, every)
    due = sum(job.state in DUE for job in jobs)
    return NightView(
        day=day,
        jobs=total,
        shown=len(jobs) - due,
        due=due,
        groups=tuple(_groups(lines)),
        gone=tuple(sorted(_name(key) for key in then.keys() - mine.keys() if then[key][0].finish <= so_far)),
        marks=tuple(_marks(since, until, times)),
        now=place(times.now, since, until) if since <= times.now <= until else None,
        not_good=bad,
        is_compared=is_compared,
        mood="bad" if bad else "good" if well and well == every else "none",
        sentence=sentence,
    )


def _sentence(states: Mapping[JobState, int], bad: int, good_states: frozenset[JobState], again: int) -> str:
    """Returns how the night was. `states`: how many series came to each state; `again`: how many failed and were good
    again.
    """
    every, good = sum(states.values()), sum(states.get(state, 0) for state in good_states)
    if not every:
        return "Nothing ran in this night"
    if bad:
        return f"{bad:,} of {plural(every, 'series', 'series')} {'was' if bad == 1 else 'were'} not good in this night"
    if good == every:
        if every == 1:
            return f"The only series was good in this night{', at a second try' if again else ''}"
        return f"All {every:,} series were good in this night{f', {again:,} of them at a second try' if again else ''}"
    # What still runs, or was skipped, left no copy.
    others = [
        f"{number:,} {_LABELS[state].lower()}" for state, number in sorted(states.items()) if state not in good_states
    ]
    was = "was" if good == 1 else "were"
    return f"{good:,} of {plural(every, 'series', 'series')} {was} good in this night: {', '.join(others)}"


def _sentence_of_jobs(bad: int, good: int, every: int) -> str:
    """Returns how many jobs of a night were good. It is for a night with too many jobs to list their series."""
    if good == every:
        return f"All {every:,} jobs were good in this night"
    number, words = (bad, "not good") if bad else (good, "good")
    return f"{number:,} of {every:,} jobs {'was' if number == 1 else 'were'} {words} in this night"


def _name(key: Key) -> str:
    return " / ".join(filter(None, (key.plan, key.resource)))


def _groups(lines: Sequence[Line]) -> Iterator[Group]:
    for change, several in groupby(lines, key=lambda one: one.change):
        found = tuple(several)
        is_long = change in (Change.NEW, Change.SAME, Change.OTHER) and len(found) > _LONG
        yield Group(change, change.replace(" ", "-"), found, is_long)


def _marks(since: int, until: int, times: Times) -> Iterator[HourMark]:
    hour = 3600 * ticks.PER_SECOND
    moment = since
    while moment < until:
        yield HourMark(place(moment, since, until), times.hour(moment))
        moment += _HOURS * hour


def week_before(day: date) -> date:
    """Returns the same night a week ago."""
    return day - timedelta(7)
