"""Work that would hold up the event loop in; its result, from a thread of the pool for its kind, out."""

import asyncio
import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Final, TypeVar, TypeVarTuple

from anyio import CapacityLimiter, to_thread

Arguments = TypeVarTuple("Arguments")
T = TypeVar("T")

_PATIENCE: Final = 10
"""What a search adds to its nice value, from 0 (nobody goes first) to 19."""


def _let_others_go_first() -> None:
    """Who only wants a core for a moment gets it at once. Only on Linux has a thread a nice value of its own."""
    if sys.platform == "linux":
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _PATIENCE)


# Each kind has threads of its own, so that a slow one waits for its like and never holds up a fast one.
READS: Final = CapacityLimiter(32)
"""Short reads through an index."""
SEARCHES: Final = ThreadPoolExecutor(4, "search", _let_others_go_first)
"""Reads that may look at every job of a tenant."""
WRITES: Final = CapacityLimiter(64)
"""Most of them wait, for a busy store or to share a commit."""


async def in_thread(
    kind: CapacityLimiter | ThreadPoolExecutor, work: Callable[[*Arguments], T], *arguments: *Arguments
) -> T:
    """What `work` gives for `arguments`; waits where all threads of the kind are taken."""
    if isinstance(kind, ThreadPoolExecutor):
        return await asyncio.get_running_loop().run_in_executor(kind, work, *arguments)
    return await to_thread.run_sync(work, *arguments, limiter=kind)
