"""Names the jobs of runs that did not start: their IDs are looked up for many series together."""

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from jobreport.model.due_times import Missed
from jobreport.model.series_query import Series
from jobreport.model.stored_job import StoredJob
from jobreport.store import Transaction
from jobreport.store.jobs.record import whole
from jobreport.store.registry.tenants import Tenant
from jobreport.watch.missed_jobs import free_id, job_id


class MissedIds:
    """The IDs of the jobs for runs of a tenant that did not start, as far as jobs with them are known."""

    def __init__(self, transaction: Transaction, tenant: Tenant) -> None:
        self._transaction, self._tenant = transaction, tenant
        self._known: dict[str, StoredJob | None] = {}
        self._first: dict[tuple[int, int], str] = {}

    def expect(self, those: Iterable[tuple[Series, int]]) -> None:
        """Looks up the jobs for these runs, each a series and when it was due (ticks), which may not have started."""
        if self._tenant.missed_jobs:
            self._look_up([self._first_id(*one) for one in those])

    def named(self, one: Series, missed: Sequence[Missed]) -> tuple[Missed, ...]:
        """Returns these runs of a series with the IDs of the jobs that are written for them, if that is switched on."""
        if not self._tenant.missed_jobs:
            return tuple(missed)
        first = [self._first_id(one, run.due) for run in missed]
        self._look_up([name for name in first if name not in self._known])
        return tuple(
            replace(run, job=free_id(one, run.due, self._there, name)) for run, name in zip(missed, first, strict=True)
        )

    def _first_id(self, one: Series, due: int) -> str:
        """Returns the first ID of a run. It is asked for when the run may be missed, and again when it is."""
        key = one.number, due
        if key not in self._first:
            self._first[key] = job_id(one, due)
        return self._first[key]

    def _there(self, name: str) -> StoredJob | None:
        if name not in self._known:
            self._look_up([name])
        return self._known[name]

    def _look_up(self, names: Sequence[str]) -> None:
        self._known.update(dict.fromkeys(names))
        self._known.update(whole(self._transaction, self._tenant.number, names))
