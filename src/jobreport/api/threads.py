"""Work that would hold up the event loop in; its result, from a thread of the pool for its kind, out."""

from collections.abc import Callable
from typing import Final, TypeVar, TypeVarTuple

from anyio import CapacityLimiter, to_thread

Arguments = TypeVarTuple("Arguments")
T = TypeVar("T")

# Each kind has threads of its own, so that a slow one waits for its like and never holds up a fast one.
READS: Final = CapacityLimiter(32)
"""Short reads through an index."""
SEARCHES: Final = CapacityLimiter(4)
"""Reads that may look at every job of a tenant."""
WRITES: Final = CapacityLimiter(64)
"""Most of them wait, for a busy store or to share a commit."""
LONG: Final = CapacityLimiter(2)
"""What takes much memory while it is done: to read a long body, or to write an answer of thousands of jobs."""
REFUSALS: Final = CapacityLimiter(2)
"""Small writes that strangers cause: they wait for each other, and keep few others from writing."""


async def in_thread(kind: CapacityLimiter, work: Callable[[*Arguments], T], *arguments: *Arguments) -> T:
    """What `work` gives for `arguments`; waits where all threads of the kind are taken."""
    return await to_thread.run_sync(work, *arguments, limiter=kind)
