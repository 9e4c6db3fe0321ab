"""Chooses the index by which jobs are read: the index whose entries cost least to read.

The kept counts tell how many entries each index has on the days of a question. So the size of an index is known
exactly; only the cost of one entry is an estimate.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import Connection

from jobreport.model.query import Clock, Sort
from jobreport.store.query import day_window, indexes, statements, totals
from jobreport.store.query.codes import EVERY, NAMES, UNSUCCESSFUL, Codes
from jobreport.store.query.conditions import Shape, indexes_for
from jobreport.store.query.indexes import Index
from jobreport.store.query.named import NAMED
from jobreport.store.query.texts import Texts

FEW: Final = 20_000
"""Up to this many jobs are simply read and sorted in memory."""
A_SORTED_ROW: Final = 3
"""The cost of a row that is collected and sorted. A row that the index returns in order costs 1."""
A_PAIR: Final = 20
"""The cost of one more lookup in the index: that of a further pair of service and type."""


Range = tuple[int | None, int | None]
"""The bounds of a time, in ticks, both included; None: no bound on this side."""


class Costs:
    """The cost of each index that can find the jobs of a shape, filed and ended within two ranges.

    All numbers are from one snapshot. `values` has the values of all parameters (`conditions.values`).
    """

    def __init__(
        self,
        connection: Connection,
        shape: Shape,
        values: Mapping[str, Any],
        filed: Range,
        ended: Range,
    ) -> None:
        self._connection, self._shape, self._codes, self._values = connection, shape, shape.codes, values
        ends = [end for end in (filed[1], ended[1]) if end is not None]
        self._days = {
            # No job ends before it is filed.
            Clock.STARTED: day_window.days(filed[0], min(ends, default=None)),
            Clock.ENDED: day_window.days(*ended),
        }
        self._counted: dict[Codes, int] = {}
        self._sizes: dict[Index, int] = {}
        self.indexes = indexes_for(shape)

    @property
    def jobs(self) -> int:
        """The number of jobs with the codes of the shape, on the days."""
        return self._kept(self._codes)

    def size(self, index: Index) -> int:
        """Returns the number of entries of an index that would be read."""
        if index in NAMED:
            return self._named(index)
        return self._kept(_looked_up(self._codes, index))

    def whole(self, index: Index) -> int:
        """Returns the cost of reading all entries of an index.

        Example: 1,000 jobs of 2 services and 3 types are read by 6 pairs, which costs 1,000 + 5 * 20 = 1,100.
        """
        pairs = 1
        if index is Index.PAIR:
            pairs = (self._codes.service or len(EVERY["service"])) * (self._codes.type or len(EVERY["type"]))
        return self.size(index) + A_PAIR * (pairs - 1)

    def cheapest(self) -> Index:
        """Returns the index that costs least if all its entries are read."""
        return self.indexes[0] if len(self.indexes) == 1 else min(self.indexes, key=self.whole)

    def for_page(self, sort: Sort, part: float) -> Index:
        """Returns the index that costs least if only the first jobs in an order are read: `part` of all (0 to 1).

        An index that does not return them in this order costs more: all its entries are collected and sorted.

        Example: the first 100 of 10,000 failed jobs, by start, are a part of 0.01. An index of all jobs, in order, has
        1,000,000 entries and costs 10,000. The index of one state has 10,000, in order too, and costs 100.
        """

        def cost(index: Index) -> float:
            if indexes.in_order(index, self._codes, sort.key):
                return min(1.0, part) * self.size(index)
            return A_SORTED_ROW * self.whole(index)

        return self.indexes[0] if len(self.indexes) == 1 else min(self.indexes, key=cost)

    def _kept(self, codes: Codes) -> int:
        """Returns the number of jobs with these codes.

        One statement reads the kept counts for all indexes at once, and another one those by the end of jobs.
        """
        if not self._counted:
            for clock, days in self._days.items():
                if asked := tuple(one for one in _asked(self._codes, self.indexes) if one.clock is clock):
                    numbers = totals.totals(self._connection, self._values, asked, days)
                    self._counted.update(zip(asked, numbers, strict=True))
        return self._counted[codes]

    def _named(self, index: Index) -> int:
        """Returns the number of jobs of the subjects, or of the causes, that pass the filters.

        No kept count has it, so the jobs are counted.
        """
        if index not in self._sizes:
            others = self._shape.others & {*NAMED[index]}
            shape = self._shape._replace(
                by=index, others=others, texts=Texts.NONE, ended_since=False, ended_until=False
            )
            self._sizes[index] = int(statements.count(shape).value(self._connection, self._values))
        return self._sizes[index]


@lru_cache(maxsize=512)
def _looked_up(codes: Codes, index: Index) -> Codes:
    """Returns the codes of the entries that would be read of an index."""
    if index is Index.ENDED:
        return Codes(clock=Clock.ENDED)
    if index in (Index.COMMENTED, Index.FAILING):
        # Successful jobs have no failed object, and few of them have comments.
        return Codes(state=UNSUCCESSFUL)
    looked_up = indexes.LOOKED_UP.get(index, ())
    service, kind, state = (
        number if name in looked_up else 0 for name, number in zip(NAMES, codes.numbers, strict=True)
    )
    return Codes(service, kind, state)


@lru_cache(maxsize=512)
def _asked(codes: Codes, every: tuple[Index, ...]) -> tuple[Codes, ...]:
    """Returns the codes whose kept counts are needed to compare the indexes, each of them once."""
    return tuple(dict.fromkeys((Codes(), codes, *(_looked_up(codes, index) for index in every))))
