"""The time now, in ticks. Code that needs the time is given this clock, so that a test can give it another."""

import time

from jobreport.model import ticks


def now_ticks() -> int:
    """Returns the time now, in ticks (UTC)."""
    return ticks.UNIX_EPOCH + time.time_ns() // 100
