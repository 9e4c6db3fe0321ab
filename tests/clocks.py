"""A clock that a test sets."""

from jobreport.model import ticks
from strategies import NOW


class Clock:
    """Shows the time that a test sets, in ticks."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> int:
        return self.now

    def pass_by(self, seconds: float) -> None:
        self.now += int(seconds * ticks.PER_SECOND)
