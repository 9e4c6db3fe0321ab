"""Writes of many threads in; few transactions that each take all that wait, and each write's own result, out."""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Final

from sqlalchemy import Connection

from jobreport.model.job import Job
from jobreport.model.recorded import Recorded
from jobreport.store.errors import FinalJobError, ForeignJobError
from jobreport.store.record import Writer, record

MAX_JOBS: Final = 20_000
"""Jobs in one transaction, so that the last to come need not wait for a crowd; one request may have more."""


class _Write:
    """A request that waits for its transaction, and what became of it."""

    def __init__(self, tenant: int, jobs: Sequence[Job], writer: Writer) -> None:
        self.tenant, self.jobs, self.writer = tenant, jobs, writer
        self.result: Recorded | None = None
        self.error: BaseException | None = None

    @property
    def done(self) -> bool:
        return self.result is not None or self.error is not None


class GroupCommit:
    """Group commit: whoever gets the lock writes for all who came while it was taken. It costs a lone writer nothing,
    and a crowd one wait for the disk instead of many. Every write is answered after its commit, all of it or none."""

    def __init__(self, writing: Callable[[], AbstractContextManager[Connection]], clock: Callable[[], int]) -> None:
        self._writing, self._clock = writing, clock
        self._turn = threading.Lock()
        self._waiting: deque[_Write] = deque()

    def record(self, tenant: int, jobs: Sequence[Job], writer: Writer) -> Recorded:
        """As `store.record.record`, on disk when it returns. Raises what the write, or its transaction, raised."""
        mine = _Write(tenant, jobs, writer)
        self._waiting.append(mine)
        with self._turn:
            while not mine.done:
                self._commit(self._next())
        if mine.error is not None:
            raise mine.error
        assert mine.result is not None
        return mine.result

    def _next(self) -> list[_Write]:
        """Who waits, in order, as far as one transaction goes."""
        taken: list[_Write] = []
        size = 0
        while self._waiting and (not taken or size + len(self._waiting[0].jobs) <= MAX_JOBS):
            taken.append(self._waiting.popleft())
            size += len(taken[-1].jobs)
        return taken

    def _commit(self, writes: Sequence[_Write]) -> None:
        results: dict[_Write, Recorded] = {}
        try:
            with self._writing() as connection:
                for write in writes:
                    try:
                        results[write] = record(connection, write.tenant, write.jobs, write.writer, self._clock())
                    except (FinalJobError, ForeignJobError) as refusal:
                        # Judged before anything of it was written, so the others' transaction is untouched.
                        write.error = refusal
        except BaseException as error:  # noqa: BLE001 - it belongs to every write of the transaction, and is raised there
            for write in writes:
                write.error = write.error or error
        else:
            for write, result in results.items():
                write.result = result
