"""A query without a search text in, its report out at once: on a connection that stays open, for one thread.

Most of a short read's time is not the read: a thread and back, a connection from the pool, a transaction's frame. On a
file none of it is needed. Nobody makes a reader of one wait, so that this may be asked on an event loop.
"""

import sqlite3
from collections.abc import Callable
from typing import Final, TypeVar

from msgspec import structs
from sqlalchemy import Connection, Engine

from jobreport.model.query import JobQuery, Listing, ListQuery, Report
from jobreport.store.cache.snapshots import Moments
from jobreport.store.derived import counts
from jobreport.store.query import indexes, pages, report

MOST: Final = 100
"""Jobs a page; more of them take so long that others had better be served meanwhile."""
_REMEMBERED: Final = 10_000
"""Totals."""

T = TypeVar("T")


class Quick:
    """Short reads of a store in a file. Not to be shared between threads.

    Many ask for the same total again and again, and adding up its days is most of a first page's time. So totals are
    remembered until anybody writes to the file.
    """

    def __init__(self, engine: Engine) -> None:
        self._totals: dict[tuple[object, ...], int] = {}
        self._moments = Moments(engine, self._totals.clear, waits=False)

    def report(self, tenant: int, query: JobQuery) -> Report | None:
        """As `store.report.report`; None where the question is not a short one, or the file cannot be read just now."""
        if query.search or query.size > MOST:
            return None
        return self._at_once(lambda connection: report.report(connection, tenant, query, self._total))

    def listing(self, tenant: int, query: ListQuery, now: int) -> Listing | None:
        """As `store.listing.find`, for a page after a place that an index begins with; None as above."""
        plain = structs.replace(query, after=None).plain()
        if plain is None or plain.search or plain.size > MOST or not indexes.is_direct(plain):
            return None
        return self._at_once(lambda connection: pages.find(connection, tenant, query, now))

    def _at_once(self, work: Callable[[Connection], T]) -> T | None:
        try:
            return self._moments.read(work)
        except sqlite3.Error:
            return None

    def close(self) -> None:
        """Gives the connection back."""
        self._moments.close()

    def _total(self, connection: Connection, tenant: int, query: JobQuery, first: int, last: int) -> int:
        key = (tenant, query.service, query.type, query.state, first, last)
        if (known := self._totals.get(key)) is None:
            if len(self._totals) >= _REMEMBERED:
                self._totals.clear()
            known = self._totals[key] = counts.total(connection, tenant, query, first, last)
        return known
