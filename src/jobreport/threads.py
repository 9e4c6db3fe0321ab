"""Runs work that would hold up the event loop in threads, with a bound of its own for each kind of work."""

import asyncio
import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cache
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
EXPORTS: Final = ThreadPoolExecutor(3, "export", _let_others_go_first)
"""Reads of a whole result; each has its thread for as long as somebody takes what it reads."""
WRITES: Final = CapacityLimiter(64)
"""Most of them wait, for a busy store or to share a commit."""
LONG: Final = CapacityLimiter(2)
"""What takes much memory while it is done: to read a long body, or to write an answer of thousands of jobs."""
REFUSALS: Final = CapacityLimiter(2)
"""Small writes that strangers cause: they wait for each other, and keep few others from writing."""


@cache
def of_issuer(_name: str) -> CapacityLimiter:
    """What asks one outside issuer for its keys, or may have to: one that does not answer holds up its own alone."""
    return CapacityLimiter(4)


async def in_thread(
    kind: CapacityLimiter | ThreadPoolExecutor, work: Callable[[*Arguments], T], *arguments: *Arguments
) -> T:
    """What `work` gives for `arguments`; waits where all threads of the kind are taken."""
    if isinstance(kind, ThreadPoolExecutor):
        return await asyncio.get_running_loop().run_in_executor(kind, work, *arguments)
    return await to_thread.run_sync(work, *arguments, limiter=kind)
