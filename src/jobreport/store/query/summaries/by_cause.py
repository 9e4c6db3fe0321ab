"""Splits a question by cause into two that are cheap: all jobs, whatever their cause, and those that have one.

Only few jobs have a cause, and an index has them all. All jobs together are counted by what is kept, or by an index
that does not know causes. So the rows of the others, which are nearly all jobs, need not be read: their group, that of
no cause, is what is left when the jobs with a cause are subtracted.
"""

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple, Protocol

from msgspec.structs import replace

from jobreport.contract.summary_answer import Keys, Tallies, Values
from jobreport.model.summary import Key, More, SummaryQuery
from jobreport.store.query.conditions import ROW
from jobreport.store.query.indexes import Index

_NONE: Final = ""
"""The name of the group of jobs without a cause."""
_NOT_CHEAPER: Final = ("search", "causes", *ROW)
"""The filters for which the rows are read anyway, or which find jobs by their cause."""


class Groups(Protocol):
    """What takes the groups that are found."""

    def __len__(self) -> int:
        """Returns how many groups there are, also those that have no job left."""

    def add(self, pieces: Iterable[tuple[Keys, Values]]) -> None:
        """Adds pieces of groups."""


class Part(NamedTuple):
    """A question, and what takes its groups. Its jobs are read `by` this index; None: by the cheapest."""

    query: SummaryQuery
    groups: Groups
    by: Index | None = None


def parts(query: SummaryQuery, tallies: Tallies) -> list[Part]:
    """Returns the questions whose groups together are those of `query`."""
    if Key.CAUSE not in query.by or More.LAST in query.more:  # a latest time cannot be subtracted
        return [Part(query, tallies)]
    if any(getattr(query.where, name) for name in _NOT_CHEAPER):
        return [Part(query, tallies)]
    place = query.by.index(Key.CAUSE)
    without = replace(query, by=query.by[:place] + query.by[place + 1 :])
    return [Part(without, _Every(tallies, place)), Part(query, _WithCause(tallies, place), Index.CAUSE)]


class _Every:
    """Takes the groups of all jobs as groups of jobs without a cause. `place` is that of the cause among the keys."""

    def __init__(self, tallies: Tallies, place: int) -> None:
        self._tallies, self._place = tallies, place

    def __len__(self) -> int:
        return len(self._tallies)

    def add(self, pieces: Iterable[tuple[Keys, Values]]) -> None:
        place = self._place
        self._tallies.add(((*keys[:place], _NONE, *keys[place:]), values) for keys, values in pieces)


class _WithCause:
    """Takes the groups of jobs with a cause, and subtracts them from those without."""

    def __init__(self, tallies: Tallies, place: int) -> None:
        self._tallies, self._place = tallies, place

    def __len__(self) -> int:
        # A group without a cause may have no job left.
        return len(self._tallies.groups())

    def add(self, pieces: Iterable[tuple[Keys, Values]]) -> None:
        self._tallies.add(self._moved(pieces))

    def _moved(self, pieces: Iterable[tuple[Keys, Values]]) -> Iterator[tuple[Keys, Values]]:
        place = self._place
        for keys, values in pieces:
            if keys[place]:  # the cause of a damaged store may be missing
                yield keys, values
                yield (*keys[:place], _NONE, *keys[place + 1 :]), [-value for value in values]
