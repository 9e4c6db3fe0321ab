"""Group commit: the writes of many threads share a transaction, so that they wait for the disk only once."""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from functools import partial
from typing import Final, Generic, TypeVar

from sqlalchemy import Connection

from jobreport.store.db.errors import StoreError

MAX_JOBS: Final = 20_000
"""The most jobs in one transaction (a single request may have more). So no write of a group waits for too long."""

Q = TypeVar("Q")
R = TypeVar("R")
Apply = Callable[[Connection, int, Sequence[Q], int], Sequence[R | StoreError]]
"""Writes the requests of one tenant at a time (ticks). Returns for each its result, or the error because of which
nothing of it is stored.
"""


class _Write(Generic[Q, R]):
    """A request that waits for its transaction, and later its result.

    `woken` is set when it is done, or when its thread becomes the leader.
    """

    def __init__(self, tenant: int, request: Q, size: int) -> None:
        self.tenant, self.request, self.size = tenant, request, size
        self.result: R | None = None
        self.error: BaseException | None = None
        self.woken = threading.Event()

    @property
    def done(self) -> bool:
        return self.result is not None or self.error is not None


class GroupCommit(Generic[Q, R]):
    """While one thread commits, the writes of other threads wait. Then one of these threads, the leader, commits them
    all in one transaction.

    If there is only one write, it waits for nobody. `record` returns after the commit. Each write is stored completely
    or not at all. `committed` is called after each commit, with its number of jobs.
    """

    def __init__(
        self,
        writing: Callable[[], AbstractContextManager[Connection]],
        clock: Callable[[], int],
        apply: "Apply[Q, R]",
        committed: Callable[[int], object],
    ) -> None:
        self._writing, self._clock, self._apply, self._committed = writing, clock, apply, committed
        self._lock = threading.Lock()
        self._led = False
        self._waiting: deque[_Write[Q, R]] = deque()

    def record(self, tenant: int, request: Q, size: int = 1) -> R:
        """Stores a request with `size` jobs. They are on disk when it returns. Raises the error of the write, or of its
        transaction.
        """
        mine: _Write[Q, R] = _Write(tenant, request, size)
        with self._lock:
            self._waiting.append(mine)
            follows, self._led = self._led, True
        if follows:
            mine.woken.wait()
        if not mine.done:
            try:
                self._commit(self._next())
            finally:
                self._hand_over()
        if mine.error is not None:
            raise mine.error
        assert mine.result is not None
        return mine.result

    def _next(self) -> list[_Write[Q, R]]:
        """Takes the waiting writes, in order, up to the limit of a transaction. The first is the leader's own."""
        taken: list[_Write[Q, R]] = []
        size = 0
        with self._lock:
            while self._waiting and (not taken or size + self._waiting[0].size <= MAX_JOBS):
                taken.append(self._waiting.popleft())
                size += taken[-1].size
        return taken

    def _hand_over(self) -> None:
        """Makes the thread of the first waiting write the next leader."""
        with self._lock:
            if self._waiting:
                self._waiting[0].woken.set()
            else:
                self._led = False

    def _commit(self, writes: Sequence[_Write[Q, R]]) -> None:
        """Commits the writes in one transaction. If one of them made it fail, commits each in its own transaction."""
        error = self._try(writes)
        if error is not None and len(writes) > 1 and not isinstance(error, StoreError):
            for write in writes:
                alone = None if write.done else self._try([write])
                write.error = write.error or alone
        else:
            for write in writes:
                write.error = write.error or error
        for write in writes:
            write.woken.set()

    def _try(self, writes: Sequence[_Write[Q, R]]) -> BaseException | None:
        """Runs one transaction for all of `writes`. Returns the error if it failed, otherwise None."""
        by_tenant: dict[int, list[_Write[Q, R]]] = {}
        for write in writes:
            by_tenant.setdefault(write.tenant, []).append(write)
        results: list[tuple[_Write[Q, R], R | StoreError]] = []
        try:
            with self._writing() as connection:
                for tenant, own in by_tenant.items():
                    requests = [write.request for write in own]
                    results += zip(own, self._apply(connection, tenant, requests, self._clock()), strict=True)
        except BaseException as error:  # noqa: BLE001 - it is raised again by every write that it belongs to
            return error
        self._committed(sum(write.size for write in writes))
        for write, result in results:
            if isinstance(result, StoreError):
                write.error = result
            else:
                write.result = result
        return None


class Groups(Generic[Q, R]):
    """The groups of a store, for one kind of request. A file has one writer at a time, so all tenants share a group
    there. On a server (`apart`) each tenant has its own. The other arguments are those of a group.
    """

    def __init__(
        self,
        writing: Callable[[], AbstractContextManager[Connection]],
        clock: Callable[[], int],
        apply: "Apply[Q, R]",
        committed: Callable[[int], object],
        *,
        apart: bool,
    ) -> None:
        self._make, self._apart = partial(GroupCommit[Q, R], writing, clock, apply, committed), apart
        self._groups: dict[int, GroupCommit[Q, R]] = {}

    def of(self, tenant: int) -> GroupCommit[Q, R]:
        """Returns the group in which the tenant's requests are written."""
        key = tenant if self._apart else 0
        return self._groups.get(key) or self._groups.setdefault(key, self._make())
