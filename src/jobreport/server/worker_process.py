"""Prepares a serving process before it serves: its memory, its end, and a store that cannot be opened."""

import contextlib
import ctypes
import gc
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from typing import Final

import structlog
from starlette.types import ASGIApp

from jobreport.store import StoreError

_M_ARENA_MAX: Final = -8
_M_MMAP_THRESHOLD: Final = -3
"""Two options of glibc's `mallopt`: `M_ARENA_MAX` and `M_MMAP_THRESHOLD` (malloc.h)."""
_LARGE: Final = 256 * 1024
"""The size, in bytes, from which a freed block goes back to the operating system immediately."""
AGAIN_SECONDS: Final = 1
"""Seconds that a worker waits if it cannot open the store. Then it ends, and another is started."""
SWITCH_SECONDS: Final = 0.001
"""How long a thread goes on while the event loop waits for the interpreter. Python's own 5 ms would be added to nearly
each answer while work is done beside the requests; with this, that work takes 3 % longer.
"""


def prepare(build: Callable[[], ASGIApp]) -> ASGIApp:
    """Returns the application that `build` makes.

    One of several workers ends when the process that started it ends, and when it cannot open the store.
    """
    _keep_memory_together()
    sys.setswitchinterval(SWITCH_SECONDS)
    parent = multiprocessing.parent_process()
    if parent is None:
        return _built(build)

    def end_with_it() -> None:
        # Nobody would stop or replace this worker, and it would keep the port, so that no new server could start.
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=end_with_it, daemon=True).start()
    try:
        return _built(build)
    except StoreError as error:
        # Another worker is started in place of this one, until the store is there again.
        structlog.get_logger().warning("worker finds no store", reason=str(error))
        time.sleep(AGAIN_SECONDS)
        sys.exit(1)


def _built(build: Callable[[], ASGIApp]) -> ASGIApp:
    """Returns the application. What was loaded for it stays, and Python need not look at it again for cycles: it does
    so while a request waits, every few hundred of them, and for 80 ms where everything is looked at.
    """
    application = build()
    gc.collect()
    gc.freeze()
    return application


def _keep_memory_together() -> None:
    """Limits the C library (glibc) to two heaps for all threads. By default it makes up to eight for each processor,
    and each keeps the memory that the largest answer of its threads once took. Large blocks are not in any heap.
    """
    with contextlib.suppress(OSError, AttributeError):
        allocator = ctypes.CDLL(None)
        allocator.mallopt(_M_ARENA_MAX, 2)
        # Without this, the threshold grows with the largest freed block, and smaller blocks are not given back.
        allocator.mallopt(_M_MMAP_THRESHOLD, _LARGE)
