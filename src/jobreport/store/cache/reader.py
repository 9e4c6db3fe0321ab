"""The event loop's own reader of a file: short questions answered at once, without a thread, on one open connection.

Most of a short read's time is not the read: a thread and back, a connection from the pool, a transaction's frame. On a
file none of it is needed. Nobody makes a reader of one wait, so that this may be asked on an event loop.
"""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Connection, Engine

from jobreport.model.query import JobQuery, Page
from jobreport.store.db.file_reads import FileReadError, SnapshotReader
from jobreport.store.query import pages, totals
from jobreport.store.query.codes import Codes
from jobreport.store.query.totals import Days

MOST: Final = 100
"""Jobs a page; more of them take so long that others had better be served meanwhile."""
_REMEMBERED: Final = 10_000
"""Totals."""


class EventLoopReader:
    """Short reads of a store in a file. Not to be shared between threads.

    Many ask for the same total again and again, and adding up its days is most of a first page's time. So totals are
    remembered until anybody writes to the file.
    """

    def __init__(self, engine: Engine) -> None:
        self._totals: dict[tuple[object, ...], int] = {}
        self._snapshots = SnapshotReader(engine, self._totals.clear, waits=False)

    def page(self, tenant: int, query: JobQuery, now: int) -> Page | None:
        """As `store.query.pages.find`; None where the question is not a short one, or the file cannot be read now."""
        if not _is_short(query):
            return None
        try:
            return self._snapshots.read(
                lambda connection: pages.find(connection, tenant, query, now, total_of=self._total)
            )
        except FileReadError:
            return None

    def close(self) -> None:
        """Gives the connection back."""
        self._snapshots.close()

    def _total(self, connection: Connection, values: Mapping[str, Any], codes: Codes, days: Days) -> int:
        key = (codes, days, values["tenant"], *map(values.get, _CODES))
        if (known := self._totals.get(key)) is None:
            if len(self._totals) >= _REMEMBERED:
                self._totals.clear()
            known = self._totals[key] = totals.total(connection, values, codes, days)
        return known


_CODES: Final = ("service0", "type0", "state0")
"""The parameters of a short question's codes."""


def _is_short(query: JobQuery) -> bool:
    """Whether an index is read no further than the page, and one count of each day."""
    where = query.where
    if query.size > MOST or len(where.services) > 1 or len(where.types) > 1 or len(where.states) > 1:
        return False
    return query.is_short
