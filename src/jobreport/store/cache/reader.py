"""Answers short questions to a store in a file directly in the event loop, without a thread, on one open connection.

Most of the time of a short read is not spent on reading: it goes to a thread and back, takes a connection from the
pool, and begins a transaction. A file needs none of this. A reader of a file never has to wait for writers, so it does
not block the event loop.
"""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Connection, Engine

from jobreport.model.query import JobFilter, JobQuery, Page
from jobreport.store.db import dialect_of
from jobreport.store.db.file_reads import FileReadError, SnapshotReader
from jobreport.store.query import first_page, pages, totals
from jobreport.store.query.codes import Codes
from jobreport.store.query.totals import Days

MOST: Final = 100
"""The largest page, in jobs. A larger page takes so long that other requests would have to wait."""
_REMEMBERED: Final = 10_000
"""The most totals that are remembered."""


class EventLoopReader:
    """Short reads of a store in a file. Not safe to share between threads.

    Clients ask for the same total again and again, and most of the time of a first page is adding up the total. So
    totals are remembered until somebody writes to the file.
    """

    def __init__(self, engine: Engine) -> None:
        self._dialect = dialect_of(engine)
        self._totals: dict[tuple[object, ...], int] = {}
        self._snapshots = SnapshotReader(engine, self._totals.clear, waits=False)

    def page(self, tenant: int, query: JobQuery, now: int) -> Page | None:
        """Returns the page of a short query that names at most one service, type and state; None for any other, or if
        the file cannot be read now.
        """
        if query.size > MOST or not query.is_short:
            return None
        first = first_page.plan(self._dialect, query)
        if not first and _names_several(query.where):
            return None
        try:
            return self._snapshots.read(
                lambda connection: (
                    first_page.read(connection, tenant, first, self._total)
                    if first
                    else pages.find(connection, tenant, query, now, total_of=self._total)
                )
            )
        except FileReadError:
            return None

    def close(self) -> None:
        """Closes the connection."""
        self._snapshots.close()

    def _total(self, connection: Connection, values: Mapping[str, Any], codes: Codes, days: Days) -> int:
        key = (codes, days, values["tenant"], *map(values.get, _CODES))
        if (known := self._totals.get(key)) is None:
            if len(self._totals) >= _REMEMBERED:
                self._totals.clear()
            known = self._totals[key] = totals.total(connection, values, codes, days)
        return known


_CODES: Final = ("service0", "type0", "state0")
"""The parameters with the codes of a short query, which has at most one code of each kind."""


def _names_several(where: JobFilter) -> bool:
    """Whether the query names more than one service, type or state: several kept counts of each day must be read."""
    return len(where.services) > 1 or len(where.types) > 1 or len(where.states) > 1
