"""The time now, in ticks. Rooms are given this clock, so that a test can give them another."""

import time

from jobreport.model import ticks


def now_ticks() -> int:
    """The time now, in ticks (UTC)."""
    return ticks.UNIX_EPOCH + time.time_ns() // 100
