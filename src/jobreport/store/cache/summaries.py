"""Remembers summaries that come from the kept counts, until somebody writes to the file of the store.

A dashboard asks the same question again and again. If there are thousands of groups, making the answer takes longer
than checking that nothing has changed.
"""

from contextlib import suppress
from threading import Lock
from typing import Final

from msgspec.structs import replace
from sqlalchemy import Connection, Engine

from jobreport.contract import summary_answer
from jobreport.contract.summary import Summary
from jobreport.model import ticks
from jobreport.model.summary import MAX_GROUPS, SummaryQuery
from jobreport.store.db.file_reads import FileReadError, SnapshotReader
from jobreport.store.query.summaries import summary

_MOST_GROUPS: Final = 2 * MAX_GROUPS
"""If the remembered answers have more groups than this, all are forgotten."""


class SummaryCache:
    """The summaries of a store in a file. Safe to share between threads: they use it in turn, for milliseconds."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._snapshots: SnapshotReader | None = None
        self._turn = Lock()
        self._answers: dict[tuple[int, SummaryQuery], Summary] = {}
        self._size = 0

    def summary(self, tenant: int, query: SummaryQuery, now: int) -> Summary | None:
        """Returns the summary as of `now` (ticks); None if the kept counts do not have it, or the file cannot be read.

        Raises StoreUnavailableError if the file cannot be opened.
        """
        if not query.is_counted:
            return None
        with self._turn, suppress(FileReadError):
            self._snapshots = self._snapshots or SnapshotReader(self._engine, self._forget, waits=True)
            return self._snapshots.read(lambda connection: self._answer(connection, tenant, query, now))
        return None

    def _forget(self) -> None:
        self._answers.clear()
        self._size = 0

    def _answer(self, connection: Connection, tenant: int, query: SummaryQuery, now: int) -> Summary:
        if known := self._answers.get((tenant, query)):
            return replace(known, covers=replace(known.covers, as_of=ticks.to_iso(now)))
        answer = summary_answer.answer(query, *summary.find(connection, tenant, query, now), now)
        if self._size > _MOST_GROUPS:
            self._forget()
        self._answers[tenant, query] = answer
        self._size += 1 + len(answer.groups)
        return answer

    def close(self) -> None:
        """Closes the connection."""
        with self._turn:
            if self._snapshots:
                self._snapshots.close()
