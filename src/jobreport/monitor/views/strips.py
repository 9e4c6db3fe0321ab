"""Strips of nights: one bar a night, whose form says what the night was before its colour does."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Final

import msgspec
from markupsafe import Markup, escape

from jobreport.model import nights
from jobreport.model.catalog import JobState
from jobreport.model.nights import NightHours
from jobreport.model.series import GOOD

_HEIGHTS: Final = {
    "good": 6,
    "exceptions": 11,
    "stopped": 11,
    "running": 11,
    "failed": 20,
    "not-started": 20,
    "no-data": 20,
    "none": 2,
}
_WORDS: Final = {
    "good": "good",
    "exceptions": "with exceptions",
    "stopped": "stopped",
    "running": "running",
    "failed": "failed",
    "not-started": "did not start",
    "no-data": "no data",
    "none": "nothing ran",
}
_OUTLINED: Final = frozenset({"running", "not-started", "no-data"})
_WORST: Final = (
    (JobState.Failed, "failed"),
    (JobState.NotStarted, "not-started"),
    (JobState.Stopped, "stopped"),
    (JobState.Exception, "exceptions"),
    (JobState.Successful, "good"),
)
HEIGHT: Final = 20
_WIDTH: Final = 6
_PLAIN: Final = ("good", "none")
"""What many nights are: drawn by one path, without names."""


class Bar(msgspec.Struct, frozen=True):
    """One night. `kind` is how it is drawn, `name` what it is called: `Mon 23 Nov: failed`; `place` is where it stands,
    from 0.
    """

    kind: str
    name: str
    place: int = 0

    @property
    def height(self) -> int:
        """How high it is, of `HEIGHT`."""
        return _HEIGHTS[self.kind]

    @property
    def top(self) -> int:
        """Where it begins, from above."""
        return HEIGHT - self.height

    @property
    def is_outlined(self) -> bool:
        """Whether it is only a line around nothing."""
        return self.kind in _OUTLINED


LEGEND: Final = tuple(Bar(kind, words) for kind, words in _WORDS.items() if kind != "running")
"""What each kind of bar means."""


def bar(kind: str, night: str, place: int = 0) -> Bar:
    """Returns the bar of a night, named by its day."""
    return Bar(kind, f"{night}: {_WORDS[kind]}", place)


def kind_of(states: Mapping[int, int], good: frozenset[JobState] = GOOD) -> str:
    """Returns what a night was of which so many jobs ended in each state: as bad as its worst job. `good` are the
    states that the tenant takes for good.
    """
    return next(("good" if state in good else kind for state, kind in _WORST if states.get(state)), "none")


def strip_of(
    hours: NightHours,
    days: Sequence[date],
    jobs: Iterable[tuple[int, int]],
    *,
    good: frozenset[JobState] = GOOD,
    quiet_since: int = 0,
) -> list[Bar]:
    """Returns a bar for each of these nights, which follow each other.

    `jobs` are the end (ticks) and the state of those that ended; `good` are the states that are taken for good. From
    `quiet_since` on (ticks; 0: never), a night without a job has no data, as one was expected.
    """
    begins = [nights.begin(hours, day) for day in days]
    found: list[dict[int, int]] = [{} for _ in days]
    for finish, state in jobs:
        place = bisect_right(begins, finish) - 1
        if place >= 0:
            found[place][state] = found[place].get(state, 0) + 1
    bars: list[Bar] = []
    for day, begin, states in zip(days, begins, found, strict=True):
        kind = kind_of(states, good)
        if kind == "none" and quiet_since and begin > quiet_since:
            kind = "no-data"
        bars.append(bar(kind, f"{day:%a} {day.day} {day:%b}", len(bars)))
    return bars


def short_strip(bars: Sequence[Bar]) -> Markup:
    """Returns a strip as a picture for a long list: only the nights that are not good have names of their own.

    It is made here and not in a template, which takes ten times as long.
    """
    pieces = [
        f'<svg class="strip n{len(bars)}" viewBox="0 0 {len(bars) * _WIDTH} {HEIGHT}" role="img" '
        f'aria-label="{escape(told(bars))}">'
    ]
    for kind in _PLAIN:
        path = "".join(f"M{one.place * _WIDTH} {one.top}h5v{one.height}h-5z" for one in bars if one.kind == kind)
        if path:
            pieces.append(f'<path class="b-{kind}" d="{path}"/>')
    pieces += [
        f'<rect class="b-{one.kind}" x="{one.place * _WIDTH}" y="{one.top}" width="5" height="{one.height}">'
        f"<title>{escape(one.name)}</title></rect>"
        for one in bars
        if one.kind not in _PLAIN
    ]
    return Markup("".join([*pieces, "</svg>"]))  # noqa: S704 - texts in it are escaped


def told(bars: Sequence[Bar]) -> str:
    """Returns a strip in words: `30 nights: 26 good, 4 failed`."""
    kinds = Counter(one.kind for one in bars)
    return f"{len(bars)} nights: " + ", ".join(f"{kinds[kind]} {_WORDS[kind]}" for kind in _WORDS if kinds[kind])
