"""Collects the jobs that a transaction changes, so that they are written together."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from sqlalchemy import Connection, bindparam

from jobreport.model.stored_job import StoredJob
from jobreport.store.db.bulk_write import PreparedWrite
from jobreport.store.jobs.merge import merge
from jobreport.store.jobs.write import write
from jobreport.store.schema.aliases import job_alias

_COLUMNS: Final = ("tenant", "alias", "job_id")
_ADD_ALIASES: Final = PreparedWrite(
    lambda dialect: dialect.insert_or_ignore(job_alias).values(
        {name: bindparam(name, type_=job_alias.c[name].type) for name in _COLUMNS}
    ),
    _COLUMNS,
)


class PendingWrites:
    """The changes of a tenant's jobs that are not written yet. `now` (ticks) is the time of receipt.

    `known` has jobs as they are stored, by ID, and is kept up to date by `add`.
    """

    def __init__(self, connection: Connection, tenant: int, known: dict[str, StoredJob], now: int) -> None:
        self._connection, self._tenant, self._now = connection, tenant, now
        self.known, self._written = known, dict(known)
        self._changed: dict[str, StoredJob] = {}
        self._aliases: dict[str, str] = {}

    def add(
        self,
        entries: Mapping[str, StoredJob],
        merged: Sequence[tuple[str, str]] = (),
        aliases: Mapping[str, str] | None = None,
    ) -> None:
        """Adds jobs as they must be stored now, by ID. If one of them waits with an earlier change, what waits is
        written first: so that change becomes a version.

        `merged` has the IDs of jobs that are part of another one now, each with the other's; `aliases` the IDs under
        which jobs are told of from now on, each with that of the job.
        """
        if merged or not self._changed.keys().isdisjoint(entries):
            self.flush()
        for job_id, into in merged:
            self.known.pop(job_id, None)
            if gone := self._written.pop(job_id, None):
                merge(self._connection, self._tenant, gone, into, entries.get(into), self._now)
        self._aliases.update(aliases or {})
        self._changed.update(entries)
        self.known.update(entries)

    def flush(self, beside: Callable[[], None] | None = None) -> None:
        """Writes what waits, and what `beside` writes, together."""
        replacements = [(self._written.get(job_id), entry) for job_id, entry in self._changed.items()]
        write(self._connection, self._tenant, replacements, self._now, beside)
        if self._aliases:
            rows = [(self._tenant, alias, job_id) for alias, job_id in sorted(self._aliases.items())]
            _ADD_ALIASES.many(self._connection, rows)
            self._aliases.clear()
        self._written.update(self._changed)
        self._changed.clear()
