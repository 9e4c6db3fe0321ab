"""`Periodic`: a piece of work that is done at once, and again every so many seconds, until its task is cancelled.

It runs in a thread, so that it never blocks the event loop. If it fails, that is logged, and it is tried again the next
time. Work that takes long is a generator: it yields after each step, and is closed between two steps when the server
stops.
"""

import asyncio
from collections.abc import Callable, Generator
from contextlib import suppress
from typing import Any, Final

import msgspec
import structlog
from anyio import CapacityLimiter

from jobreport.identity.keys.encryption import SecretKeyError
from jobreport.store import StoreError
from jobreport.threads import WRITES, in_thread

_BREATH: Final = 0.02
"""The pause between two steps, in seconds, in which other writers can write."""
_LAST_STEP: Final = 5
"""The longest time, in seconds, that a stopping server waits for the step that is running."""

_log = structlog.get_logger()


class Periodic(msgspec.Struct, frozen=True):
    """Does `work` every `every` seconds. If it fails, `name` is the event in the log.

    `at_the_end` is called once when the task is cancelled, in the event loop. `threads` limits how many threads do work
    of this kind at the same time.
    """

    name: str
    every: float
    work: Callable[[], Generator[None, None, None] | None]
    at_the_end: Callable[[], object] | None = None
    threads: CapacityLimiter = WRITES

    async def run(self) -> None:
        """Repeats the work until the task is cancelled. It never returns."""
        try:
            while True:
                await self._once()
                await asyncio.sleep(self.every)
        finally:
            if self.at_the_end:
                with suppress(StoreError, SecretKeyError):
                    self.at_the_end()

    async def _once(self) -> None:
        steps = None
        try:
            steps = await self._in_thread(self.work)
            while steps and await self._in_thread(next, steps, steps) is not steps:
                await asyncio.sleep(_BREATH)
        except (StoreError, SecretKeyError) as error:
            _log.warning(self.name, reason=str(error))
        except Exception as error:  # noqa: BLE001 - otherwise nobody would notice that the work is not done any more
            _log.error(self.name, exc_info=error)
        finally:
            if steps:
                with suppress(StoreError, ValueError):  # ValueError: its step is still running when the server ends
                    steps.close()

    async def _in_thread(self, work: Callable[..., Any], *arguments: object) -> Any:
        step = asyncio.ensure_future(in_thread(self.threads, work, *arguments))
        try:
            return await asyncio.shield(step)
        except asyncio.CancelledError:
            await asyncio.wait([step], timeout=_LAST_STEP)
            raise
