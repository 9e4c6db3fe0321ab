"""Prepares a serving process before it serves: its memory, its end, and a store that cannot be opened."""

import contextlib
import ctypes
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
"""glibc's names for them are `M_ARENA_MAX` and `M_MMAP_THRESHOLD` (malloc.h)."""
_LARGE: Final = 256 * 1024
"""Bytes of a block that is given back to the system as soon as it is freed."""
AGAIN_SECONDS: Final = 1
"""How long a worker that finds no store waits before another is tried."""


def prepare(build: Callable[[], ASGIApp]) -> ASGIApp:
    """Returns the application that `build` makes.

    One of several workers ends when the process that started it ends, and when it cannot open the store.
    """
    _keep_memory_together()
    parent = multiprocessing.parent_process()
    if parent is None:
        return build()

    def end_with_it() -> None:
        # Nobody would stop or replace this worker any more, and it would keep the port from the next server.
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=end_with_it, daemon=True).start()
    try:
        return build()
    except StoreError as error:
        # Another worker is started in place of this one, until the store is there again.
        structlog.get_logger().warning("worker finds no store", reason=str(error))
        time.sleep(AGAIN_SECONDS)
        sys.exit(1)


def _keep_memory_together() -> None:
    """Limits the C library (glibc) to two heaps for all threads. By default it makes up to eight for each processor,
    and each keeps the memory that the largest answer of its threads once took. Large blocks are not in any heap.
    """
    with contextlib.suppress(OSError, AttributeError):
        allocator = ctypes.CDLL(None)
        allocator.mallopt(_M_ARENA_MAX, 2)
        # By itself the bound grows with the largest block that was freed, and what is below it is not given back.
        allocator.mallopt(_M_MMAP_THRESHOLD, _LARGE)
