"""Collects the jobs that a transaction changes, so that they are written together."""

from collections.abc import Mapping

from sqlalchemy import Connection

from jobreport.model.verdict import StoredJob
from jobreport.store.jobs.write import write


class PendingWrites:
    """The changes of a tenant's jobs that are not written yet. `now` (ticks) is the time of receipt.

    `known` has jobs as they are stored, by ID, and is kept up to date by `add`.
    """

    def __init__(self, connection: Connection, tenant: int, known: dict[str, StoredJob], now: int) -> None:
        self._connection, self._tenant, self._now = connection, tenant, now
        self.known, self._written = known, dict(known)
        self._changed: dict[str, StoredJob] = {}

    def add(self, entries: Mapping[str, StoredJob]) -> None:
        """Adds jobs as they must be stored now, by ID. If one of them waits with an earlier change, what waits is
        written first: so that change becomes a version.
        """
        if not self._changed.keys().isdisjoint(entries):
            self.flush()
        self._changed.update(entries)
        self.known.update(entries)

    def flush(self) -> None:
        """Writes what waits."""
        replacements = [(self._written.get(job_id), entry) for job_id, entry in self._changed.items()]
        write(self._connection, self._tenant, replacements, self._now)
        self._written.update(self._changed)
        self._changed.clear()
