"""How often Python looks for values that only refer to each other, while very many small ones are made.

A job is a dozen of these, and there are no cycles among them. To look for cycles after each 700, as is usual, takes up
to a tenth of the processor time of a command that reads many jobs.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_SELDOM: Final = (50_000, 20, 20)


@contextmanager
def seldom_collected() -> Iterator[None]:
    """Has Python look for cycles seldom, in the whole process."""
    before = gc.get_threshold()
    gc.set_threshold(*_SELDOM)
    try:
        yield
    finally:
        gc.set_threshold(*before)
