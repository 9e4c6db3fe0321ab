"""A tenant whose series are judged as a server does, at the times that a test says."""

from collections.abc import Sequence
from typing import Any, Final

from example_jobs import done

from clocks import Clock
from jobreport.contract.expectation import ExpectationDocument, to_expectation
from jobreport.model import ticks
from jobreport.model.catalog import JobState
from jobreport.model.job import Job
from jobreport.model.judgement import Change, Verdict
from jobreport.model.query import JobFilter, JobQuery
from jobreport.store import Store
from jobreport.watch import expectations
from jobreport.watch.judging import look

HOUR: Final = 3600 * ticks.PER_SECOND
MINUTE: Final = HOUR // 60
DAY: Final = 24 * HOUR
MIDNIGHT: Final = ticks.from_iso("2026-11-23T00:00:00Z")
DUE: Final = MIDNIGHT + HOUR
"""02:00 in Berlin."""


class Watched:
    """A tenant whose series are judged as a server does, at the times that a test says."""

    def __init__(self, store: Store, clock: Clock, name: str, number: int) -> None:
        self.store, self.clock, self.name, self.number = store, clock, name, number

    def expect(self, **said: Any) -> None:
        expectations.put(self.store, self.name, to_expectation(ExpectationDocument(**said)))

    def told(self, at: int) -> list[Change]:
        """What is told at a time."""
        self.clock.now = at
        found = [change for one in look(self.store, at) for change in one.changes]
        return [change for change in found if change.tenant == self.number]

    def verdicts(self, at: int) -> list[Verdict]:
        return [one.verdict for one in self.told(at)]

    def ran(self, start: int, job_id: str = "", *, at: int = 0, **fields: object) -> None:
        """A run that is reported when it ends, or at a time."""
        self.clock.now = at or start + 10 * MINUTE
        about = {"plan": "nightly", "resource": "web-1", "origin": "restic", **fields}
        job = done(job_id or f"FB{start}", start=start, finish=start + 10 * MINUTE, observed=self.clock.now, **about)
        self.store.record(self.number, [job])

    def jobs(self, *states: JobState) -> Sequence[Job]:
        with self.store.stream_jobs(self.number, JobQuery(where=JobFilter(states=states))) as found:
            ids = [row[0] for rows in found.batches() for row in rows]
        return [self.job(one) for one in ids]

    def number_of(self, *states: JobState) -> int:
        """How many jobs are in these states: told from the counts, where `jobs` would read each of thousands."""
        return self.store.list_jobs(self.number, JobQuery(where=JobFilter(states=states), size=1)).total

    def job(self, job_id: str) -> Job:
        found = self.store.history(self.number, job_id)
        assert found
        return found.current.job
