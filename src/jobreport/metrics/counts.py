"""What the processes of a server count: requests by route and status, how long they took, and jobs by transaction.

A request is counted in less than a microsecond: some numbers of an array go up. Where several processes serve, the
array of each is a file in a folder that all of them have, so that any of them can tell the sum. A process that takes
the place of another goes on with its numbers, so that they never fall.
"""

import mmap
from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from http import HTTPStatus
from pathlib import Path
from threading import Lock
from typing import Final, NamedTuple

from filelock import FileLock, Timeout

SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""The upper limits of the groups of durations."""
SIZES: Final = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000)
"""The upper limits of the groups of transactions, in jobs."""
OTHER: Final = ("other", "other")
"""Method and route of a request that is in no table."""
_STATUSES: Final = (*sorted({0, 499} | {int(status) for status in HTTPStatus}),)
_STATUS_PLACE: Final = {status: place for place, status in enumerate(_STATUSES)}
_NUMBER: Final = 8
"""The bytes of a number."""

Key = tuple[str, str]
"""Method and route."""


class Spread(NamedTuple):
    """How many values lie in each group, in the order of their limits, the last without limit; and their sum."""

    groups: tuple[int, ...]
    sum: int


class Counts:
    """The numbers of this process, and the sum of those of all processes. `folder` is where the processes of a server
    keep them; None: there is only this one.
    """

    def __init__(self, routes: Sequence[Key], folder: Path | None = None) -> None:
        self._routes = [*routes, OTHER]
        self._places = {key: number * _PER_ROUTE for number, key in enumerate(self._routes)}
        self._commits = len(self._routes) * _PER_ROUTE
        self._size = (self._commits + len(SIZES) + 2) * _NUMBER
        self._folder = folder
        self._turn = Lock()
        self._own = self._open(folder) if folder else memoryview(bytearray(self._size)).cast("Q")

    def _open(self, folder: Path) -> memoryview:
        """Opens the first file of the folder that no other process has."""
        number = 0
        while True:
            self._lock = FileLock(folder / f"{number}.lock", timeout=0)
            try:
                self._lock.acquire()
                break
            except Timeout:
                number += 1
        with (folder / f"{number}.counts").open("a+b") as file:
            file.truncate(self._size)
            return memoryview(mmap.mmap(file.fileno(), self._size)).cast("Q")

    def request(self, method: str, route: str, status: int, seconds: float) -> None:
        """Counts a request. To be called in the event loop alone."""
        place = self._places.get((method, route))
        if place is None:
            place = self._places[OTHER]
        own = self._own
        own[place + bisect_left(SECONDS, seconds)] += 1
        own[place + _SUM] += round(seconds * 1_000_000)
        own[place + _STATUS + _STATUS_PLACE.get(status, 0)] += 1

    def committed(self, jobs: int) -> None:
        """Counts a transaction with so many jobs. Thread-safe."""
        with self._turn:
            self._own[self._commits + bisect_left(SIZES, jobs)] += 1
            self._own[self._commits + len(SIZES) + 1] += jobs

    def read(self) -> "Totals":
        """Returns the sum of the numbers of all processes."""
        if self._folder is None:
            return Totals(self._routes, array("Q", self._own))
        total = array("Q", bytes(self._size))
        for file in self._folder.glob("*.counts"):
            for place, number in enumerate(array("Q", file.read_bytes()[: self._size])):
                total[place] += number
        return Totals(self._routes, total)


class Totals:
    """The numbers of all processes at one time."""

    def __init__(self, routes: Sequence[Key], numbers: "array[int]") -> None:
        self._routes, self._numbers = routes, numbers

    def requests(self) -> Iterator[tuple[Key, dict[int, int], Spread]]:
        """Gives each route that was asked for, with how many requests had which status, and how many microseconds they
        took.
        """
        for number, key in enumerate(self._routes):
            begin = number * _PER_ROUTE
            groups = tuple(self._numbers[begin : begin + _SUM])
            if any(groups):
                counted = self._numbers[begin + _STATUS : begin + _PER_ROUTE]
                statuses = {status: many for status, many in zip(_STATUSES, counted, strict=True) if many}
                yield key, statuses, Spread(groups, self._numbers[begin + _SUM])

    def commits(self) -> Spread:
        """Returns how many transactions had how many jobs."""
        *groups, total = self._numbers[len(self._routes) * _PER_ROUTE :]
        return Spread(tuple(groups), total)


_SUM: Final = len(SECONDS) + 1
_STATUS: Final = _SUM + 1
_PER_ROUTE: Final = _STATUS + len(_STATUSES)
