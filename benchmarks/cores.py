"""Runs a command on one core, and keeps this thread on one core, so that all rounds are alike."""

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

SERVER: Final = 0
"""The core of what is measured."""
CLIENT: Final = 1
"""The core of who asks."""

PINS: Final = shutil.which("taskset") is not None and hasattr(os, "sched_setaffinity") and (os.cpu_count() or 1) > 1
"""Whether this machine lets us choose."""


def pinned(words: Sequence[str], core: int | None) -> list[str]:
    """The command on `core`; on any where that is None, or where there is no choice."""
    return ["taskset", "-c", str(core), *words] if PINS and core is not None else list(words)


@contextmanager
def on(core: int) -> Iterator[None]:
    """This thread on `core`, as long as the context lasts. Children that are started in it stay there too."""
    if not PINS:
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
