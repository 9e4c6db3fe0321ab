"""Filters in; the indexes by which the jobs that pass them can be read, and what each costs by the counts, out."""

from collections.abc import Callable
from functools import lru_cache
from typing import Final

from sqlalchemy import Connection, func, select

from jobreport.model.catalog import JobState
from jobreport.model.query import JobFilter, Place
from jobreport.store.db.prepared import Prepared
from jobreport.store.query import conditions, day_window, totals
from jobreport.store.query.conditions import EVERY, SUBJECT, Codes, Kind, Texts
from jobreport.store.query.indexes import A_PAIR, Access
from jobreport.store.schema.jobs import job as table

_PARTIAL: Final = {"min_failed": Access.FAILING, "comments": Access.COMMENTED}
_NOT_SUCCESSFUL: Final = Codes(state=tuple(state for state in EVERY.state if state != JobState.Successful))


class Ways:
    """The ways to the jobs that pass some filters, within one snapshot. `values` are those of every parameter."""

    def __init__(
        self, connection: Connection, tenant: int, where: JobFilter, now: int, after: Place | None = None
    ) -> None:
        self._connection, self._tenant, self._where = connection, tenant, where
        self._days = day_window.days(where.since, where.until)
        self.codes = conditions.codes_of(where)
        self.more = conditions.more_of(where)
        self.values = conditions.values(connection, tenant, where, now, after)
        self.every = self._find()
        self._sizes: dict[Access, int] = {}

    def _find(self) -> tuple[Access, ...]:
        """The indexes by which the jobs can be read; all give the same."""
        codes, more = self.codes, self.more
        # Few jobs have comments or failed objects.
        found = [way for name, way in _PARTIAL.items() if name in more] or [Access.TIME]
        if codes.state and JobState.Successful not in codes.state:
            found.append(Access.STATE)
        if codes.service or codes.type:
            found.append(Access.PAIR if len(codes.service) == len(codes.type) == 1 else Access.PAIRS)
        if more & {*SUBJECT}:
            found.append(Access.SUBJECT)
        return tuple(found)

    def cheapest(self, cost: Callable[[Access], float] | None = None) -> Access:
        """The way that costs the least, by `cost` or by what it takes to read all of its entries."""
        return self.every[0] if len(self.every) == 1 else min(self.every, key=cost or self.cost)

    def cost(self, way: Access) -> int:
        """What it takes to read all entries of an index."""
        pairs = 0
        if way is Access.PAIRS:
            pairs = len(self.codes.service or EVERY.service) * len(self.codes.type or EVERY.type)
        return self.size(way) + A_PAIR * pairs

    def size(self, way: Access) -> int:
        """How many entries an index has on the days."""
        if way not in self._sizes:
            self._sizes[way] = self._number_of_entries(way)
        return self._sizes[way]

    def _number_of_entries(self, way: Access) -> int:
        if way is Access.SUBJECT:
            about = self.kind(way)._replace(more=self.more & {*SUBJECT})
            return int(number_of(about).value(self._connection, self.values))
        codes = {
            Access.STATE: Codes(state=self.codes.state),
            Access.PAIR: Codes(self.codes.service, self.codes.type),
            Access.PAIRS: Codes(self.codes.service, self.codes.type),
            # Successful ones have no failed object, and few of them have comments.
            Access.FAILING: _NOT_SUCCESSFUL,
            Access.COMMENTED: _NOT_SUCCESSFUL,
        }
        return totals.of_codes(self._connection, self._tenant, self._days, codes.get(way, Codes()))

    def by_time(self, way: Access) -> bool:
        """Whether an index has the jobs in the order of the time under which they are filed."""
        one_state = way is Access.STATE and len(self.codes.state) == 1
        return one_state or way in (Access.TIME, Access.PAIR, Access.COMMENTED, Access.FAILING)

    def kind(self, way: Access, texts: Texts = Texts.NONE) -> Kind:
        """The kind of a statement that goes one of the ways."""
        where = self._where
        return Kind(
            way,
            self._connection.dialect.name,
            self.codes,
            since=where.since is not None,
            until=where.until is not None,
            more=self.more,
            texts=texts,
            ascii_term=self.values["search"].isascii(),
        )


@lru_cache(maxsize=512)
def number_of(kind: Kind) -> Prepared:
    """How many jobs there are of a kind."""
    return Prepared(conditions.narrowed(select(func.count()).select_from(table), kind))
