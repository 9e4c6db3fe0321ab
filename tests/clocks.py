"""Clocks that a test sets: one that stands, and one that runs."""

import time

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


class Running:
    """The real time, and what a test adds to it."""

    ahead = 0

    def __call__(self) -> int:
        return ticks.UNIX_EPOCH + time.time_ns() // 100 + self.ahead * ticks.PER_SECOND
