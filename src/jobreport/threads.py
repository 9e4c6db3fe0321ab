"""Runs blocking work in threads, so that the event loop goes on. Each kind of work has its own limit of threads."""

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
"""Added to the nice value of a thread that searches or exports. 0 is the normal priority, 19 the lowest."""


def _let_others_go_first() -> None:
    """Lowers the priority of the current thread, so that short work gets the CPU first.

    This is done on Linux only, because elsewhere a single thread has no nice value.
    """
    if sys.platform == "linux":
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _PATIENCE)


def never_before_others() -> None:
    """Has the current thread, when it wakes up, wait until who runs has had its turn. Linux only."""
    if sys.platform == "linux":
        with suppress(OSError):
            os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))


# Slow work only waits for slow work of the same kind: exports that take all their threads do not delay a short read.
READS: Final = CapacityLimiter(32)
"""Short reads through an index."""
SEARCHES: Final = ThreadPoolExecutor(4, "search", _let_others_go_first)
"""Reads that may look at every job of a tenant."""
EXPORTS: Final = ThreadPoolExecutor(3, "export", _let_others_go_first)
"""Reads of a whole result. Each keeps its thread until the client has received everything."""
METRICS: Final = ThreadPoolExecutor(1, "metrics", _let_others_go_first)
"""Answers for a monitoring system: one at a time, since to write tens of thousands of lines takes a processor."""
WRITES: Final = CapacityLimiter(64)
"""Writes to the store. There are many threads, because most of them wait: for a busy store, or to share a commit."""
LONG: Final = CapacityLimiter(2)
"""Work that needs much memory: reading a long request body, or writing an answer with thousands of jobs."""
HASHES: Final = CapacityLimiter(2)
"""Hashes of operators' passwords. Each takes 64 MiB of memory meanwhile."""
REFUSALS: Final = CapacityLimiter(2)
"""Small writes that strangers can cause, such as a failed sign-in. Only two, so that they hardly delay other writes."""


@cache
def of_issuer(_name: str) -> CapacityLimiter:
    """The limit for work that may have to fetch the keys of an outside token issuer; each issuer has its own.

    So an issuer that does not answer only delays requests with its own tokens. `cache` keeps one limit for each name.
    """
    return CapacityLimiter(4)


async def in_thread(
    kind: CapacityLimiter | ThreadPoolExecutor, work: Callable[[*Arguments], T], *arguments: *Arguments
) -> T:
    """Runs `work(*arguments)` in a thread and returns its result. It waits while all threads of this kind are busy."""
    if isinstance(kind, ThreadPoolExecutor):
        return await asyncio.get_running_loop().run_in_executor(kind, work, *arguments)
    return await to_thread.run_sync(work, *arguments, limiter=kind)
