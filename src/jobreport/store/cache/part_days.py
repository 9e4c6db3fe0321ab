"""Remembers how many jobs there are in parts of UTC days, until a job of the day changes (`query.part_days`)."""

from collections.abc import Callable, Hashable
from typing import Final

from jobreport.store.query.summaries.part_days import Rows

_MOST: Final = 200_000
"""If this many rows are remembered, all are forgotten."""


class PartDays:
    """The rows of one process. Safe to share between threads: at worst two of them read the same."""

    def __init__(self) -> None:
        self._known: dict[Hashable, tuple[int, Rows]] = {}
        self._size = 0

    def __call__(self, question: Hashable, changes: int, read: Callable[[], Rows]) -> Rows:
        """Returns the rows that `read` returns, and remembers them with `changes`, the number of the day in the same
        snapshot (`derived.counts`). They must not be changed.
        """
        if not changes:
            return read()
        known = self._known.get(question)
        if known and known[0] == changes:
            return known[1]
        if known:
            self._size -= 1 + len(known[1])
        if self._size > _MOST:
            self._known, self._size = {}, 0
        rows = read()
        self._known[question] = changes, rows
        self._size += 1 + len(rows)
        return rows
