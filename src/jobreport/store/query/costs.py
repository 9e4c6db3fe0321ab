"""What it costs to read jobs by each index that could be read, and so which one is.

The kept counts tell how many entries of each index lie on the days of a question: the estimate is a count, no guess.
"""

from collections.abc import Mapping
from functools import cached_property, lru_cache
from typing import Any, Final

from sqlalchemy import Connection

from jobreport.model.query import Sort, SortKey
from jobreport.store.query import day_window, indexes, statements, totals
from jobreport.store.query.codes import EVERY, NAMES, UNSUCCESSFUL, Codes
from jobreport.store.query.conditions import SUBJECT, Shape, indexes_for
from jobreport.store.query.indexes import Index
from jobreport.store.query.texts import Texts

FEW: Final = 20_000
"""So few jobs are just read, or collected and sorted."""
A_SORTED_ROW: Final = 3
"""What a row costs that is collected and sorted, where one that is walked over costs 1."""
A_PAIR: Final = 20
"""What it costs to look for the jobs of one more pair of service and type."""


class Costs:
    """What each index costs that has the jobs of a shape, on the days from `since` to `until` (ticks), in one snapshot.

    `values` are those of every parameter.
    """

    def __init__(
        self,
        connection: Connection,
        shape: Shape,
        values: Mapping[str, Any],
        since: int | None,
        until: int | None,
    ) -> None:
        self._connection, self._shape, self._codes, self._values = connection, shape, shape.codes, values
        self._days = day_window.days(since, until)
        self._counted: dict[Codes, int] = {}
        self.indexes = indexes_for(shape)

    @property
    def jobs(self) -> int:
        """How many jobs have the codes."""
        return self._kept(self._codes)

    def size(self, index: Index) -> int:
        """How many entries an index has."""
        return self._about if index is Index.SUBJECT else self._kept(_looked_up(self._codes, index))

    def whole(self, index: Index) -> int:
        """What it costs to read all entries of an index."""
        pairs = 1
        if index is Index.PAIR:
            pairs = (self._codes.service or len(EVERY["service"])) * (self._codes.type or len(EVERY["type"]))
        return self.size(index) + A_PAIR * (pairs - 1)

    def cheapest(self) -> Index:
        """The index of which all entries are read the soonest."""
        return self.indexes[0] if len(self.indexes) == 1 else min(self.indexes, key=self.whole)

    def for_page(self, sort: Sort, part: float) -> Index:
        """The index by which the first jobs in an order are read the soonest, so large a part of all.

        Where an index does not have them in order, all of its entries are collected and sorted.
        """

        def cost(index: Index) -> float:
            if sort.key is SortKey.START and indexes.in_order(index, self._codes):
                return min(1.0, part) * self.size(index)
            return A_SORTED_ROW * self.whole(index)

        return self.indexes[0] if len(self.indexes) == 1 else min(self.indexes, key=cost)

    def _kept(self, codes: Codes) -> int:
        """How many jobs of the codes there are, by the kept counts, which are asked for all indexes at once."""
        if not self._counted:
            asked = _asked(self._codes, self.indexes)
            numbers = totals.totals(self._connection, self._values, asked, self._days)
            self._counted = dict(zip(asked, numbers, strict=True))
        return self._counted[codes]

    @cached_property
    def _about(self) -> int:
        """How many jobs are about the subjects: the one number that is counted."""
        others = self._shape.others & {*SUBJECT}
        shape = self._shape._replace(by=Index.SUBJECT, others=others, texts=Texts.NONE)
        return int(statements.count(shape).value(self._connection, self._values))


@lru_cache(maxsize=512)
def _looked_up(codes: Codes, index: Index) -> Codes:
    """The codes of an index's entries."""
    if index in (Index.COMMENTED, Index.FAILING):
        # Successful jobs have no failed object, and few of them have comments.
        return Codes(state=UNSUCCESSFUL)
    looked_up = indexes.LOOKED_UP.get(index, ())
    return Codes(*(number if name in looked_up else 0 for name, number in zip(NAMES, codes, strict=True)))


@lru_cache(maxsize=512)
def _asked(codes: Codes, every: tuple[Index, ...]) -> tuple[Codes, ...]:
    """All that may be asked of the kept counts to compare indexes, each once."""
    return tuple(dict.fromkeys((Codes(), codes, *(_looked_up(codes, index) for index in every))))
