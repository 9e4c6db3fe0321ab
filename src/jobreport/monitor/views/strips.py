"""Strips of nights: one bar a night, whose form says what the night was before its colour does."""

from typing import Final

import msgspec

from jobreport.model.catalog import JobState

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
    (JobState.Stopped, "stopped"),
    (JobState.Exception, "exceptions"),
    (JobState.Successful, "good"),
)
HEIGHT: Final = 20


class Bar(msgspec.Struct, frozen=True):
    """One night. `kind` is how it is drawn, `name` what it is called: `Mon 23 Nov: failed`."""

    kind: str
    name: str

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


def bar(kind: str, night: str) -> Bar:
    """Returns the bar of a night, named by its day."""
    return Bar(kind, f"{night}: {_WORDS[kind]}")


def kind_of(states: dict[int, int]) -> str:
    """Returns what a night was of which so many jobs ended in each state: as bad as its worst job."""
    return next((kind for state, kind in _WORST if states.get(state)), "none")
