"""Runs a command of Jobreport as if it were another time now: `python as_of.py TICKS serve …`.

What needs somebody depends on the time, and what was built once lies further back each day.
"""

import sys
import time

from jobreport.__main__ import main
from jobreport.clock import now_ticks


def _shift(moment: int) -> None:
    """Lets the clock of the store (`jobreport.clock`) go on from this moment, in ticks."""
    real, ahead = time.time_ns, (moment - now_ticks()) * 100
    time.time_ns = lambda: real() + ahead


if __name__ == "__main__":
    _shift(int(sys.argv.pop(1)))
    main()
