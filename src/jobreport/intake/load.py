"""Stores the jobs of a file batch by batch, so that what was stored before an interruption stays stored."""

import signal
import threading
from collections.abc import Callable, Iterator
from types import FrameType, TracebackType
from typing import Any, Final, Self

import msgspec

from jobreport.garbage import seldom_collected
from jobreport.intake.parse import Line
from jobreport.model.job import Job
from jobreport.store import Store, Writer

BATCH: Final = 10_000


class Loaded(msgspec.Struct):
    """How far the import has come: `line` is the last line that was stored or refused."""

    line: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: int = 0

    @property
    def stored(self) -> int:
        """The number of jobs of the file that are in the store now."""
        return self.created + self.updated + self.unchanged


def load(
    store: Store, tenant: int, lines: Iterator[Line], loaded: Loaded, tell: Callable[[Line], None]
) -> Iterator[Loaded]:
    """Stores the jobs, each batch in one transaction, and gives `loaded`, brought up to date, after each batch.

    `tell` is called with each line that has faults or a doubt. If reading raises, everything read before is stored all
    the same. After KeyboardInterrupt, only the batch that is being stored is finished.
    """
    batch: list[Job] = []
    writer = Writer()
    with Patience() as patience, seldom_collected():

        def send(line: int) -> Loaded:
            with patience:
                if batch:
                    done = store.record(tenant, batch, writer)
                    loaded.created += done.created
                    loaded.updated += done.updated
                    loaded.unchanged += done.unchanged
                    batch.clear()
                loaded.line = line
            return loaded

        line = 0
        try:
            for one in lines:
                if one.job is None:
                    loaded.refused += 1
                else:
                    if one.from_export != writer.from_export:
                        send(line)
                        writer = Writer(from_export=one.from_export, time_step=one.time_step)
                    batch.append(one.job)
                if one.faults or one.doubt:
                    tell(one)
                line = one.last
                if len(batch) == BATCH:
                    yield send(line)
        except Exception:
            send(line)
            raise
        yield send(line)


class Patience:
    """Makes Ctrl-C and SIGTERM raise KeyboardInterrupt only when an inner `with` block of this class ends.

    In the outermost block, they raise it at once. Outside the main thread this class does nothing.
    """

    def __init__(self) -> None:
        self._depth, self._asked = 0, False
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Self:
        if not self._depth and threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                self._before[number] = signal.signal(number, self._heard)
        self._depth += 1
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._depth -= 1
        if not self._depth:
            for number, handler in self._before.items():
                signal.signal(number, handler)
        elif self._asked and error is None:
            raise KeyboardInterrupt

    def _heard(self, _number: int, _frame: FrameType | None) -> None:
        self._asked = True
        if self._depth == 1:
            raise KeyboardInterrupt
