"""Reads one stream to its end, and stores what it finds: its jobs, which of them have not ended, and the position."""

from collections.abc import Callable, Iterator
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from jobreport.connectors.base import CannotReadError, Look, Stream
from jobreport.connectors.lease import Lease
from jobreport.connectors.reading import Reading, Seen
from jobreport.connectors.refusals import Refusals, fitting, words
from jobreport.model import ticks
from jobreport.model.catalog import JobState
from jobreport.model.job import Job
from jobreport.model.streams import StreamState
from jobreport.store.jobs import collected
from jobreport.store.jobs.collected import Read
from jobreport.store.query.series import of_job
from jobreport.store.registry import connectors

BATCH: Final = 2_500
"""What is read is stored when it is at least so many jobs, or so many characters of their records: enough that the way
to the disk costs little, and so few that memory does not grow with the number of jobs.
"""
_BATCH_RAW: Final = 4 * 1024 * 1024
FIRST_LOOK: Final = 30 * ticks.PER_DAY
"""How far back a stream is read the first time: before it was first heard of, however late it can be read at all."""
UNCHANGED: Final = 3
"""An unfinished job is presumed to have failed when its origin says the same of it for so many times as long as nine of
ten good runs of its series take; but not before a day is over."""


class StreamResult(msgspec.Struct):
    """The result of a look at a stream: how many jobs it `read`, and how many of these were new or had changed. `error`
    says why it did not come to the end; empty: it did.
    """

    stream: str
    read: int = 0
    created: int = 0
    updated: int = 0
    error: str = ""


class StreamReader:
    """One look at one stream. `tell` is called after each part that was stored."""

    def __init__(
        self,
        lease: Lease,
        stream: Stream,
        before: StreamState | None,
        tell: Callable[[StreamResult], None],
    ) -> None:
        self._lease, self._stream, self._tell = lease, stream, tell
        self._store, self._key = lease.store, lease.key
        self._now = self._store.clock()
        self._before = _not_ahead(before or StreamState(stream=stream.name, added=self._now), self._now)
        self._state = replace(self._before, sees=stream.sees, remembers=stream.remembers, tried=self._now)
        self._lost = self._state.hole(self._now)
        self._jobs: list[Job] = []
        self._gone: list[str] = []
        self._withdrawn: list[str] = []
        self._next_runs: dict[str, set[int]] = {}
        self._refused = Refusals()
        self._raw = 0
        self._clock = 0
        self.looked = StreamResult(stream.name)

    def run(self, reading: Reading, back: int | None) -> StreamResult:
        """Looks at the stream. `back` (ticks): from that long ago, and anew; None: from where the last look came to.

        Raises StoreError if the store fails. What is wrong with the origin is kept with the stream.
        """
        self._lease.reading = replace(self._before, sees=self._stream.sees, tried=self._now)
        look = self._look(back)
        waiting = {job.job_id for job in look.unfinished}
        found = reading.look(self._stream, look)
        while (seen := self._next(found)) is not None:
            waiting.difference_update(job.job_id for job in seen.jobs)
            self._take(seen)
            if len(self._jobs) >= BATCH or self._raw >= _BATCH_RAW:
                self._save()
        self.looked.error = self.looked.error or fitting(str(self._refused))
        if self.looked.error:
            self._state = failed(self._state, self.looked.error, self._now)
            self._save()
        else:
            self._gone += sorted(waiting) if self._stream.whole else ()
            if self._jobs or self._gone or self._withdrawn:
                self._save()
            self._finish()
        self._lease.reading = None
        return self.looked

    def _look(self, back: int | None) -> Look:
        state, watermark = self._before.state, self._before.watermark
        first = self._now - back if back is not None else self._before.added - FIRST_LOOK
        since = watermark - self._stream.overlap if watermark else first
        if back is not None:
            since = min(since, self._now - back)
            state = state if self._stream.notes else ""
        with self._store.reading() as transaction:
            unfinished = collected.unfinished(transaction, self._key, self._stream.name)
        return Look(
            since=max(ticks.YEAR_2000, since),  # no origin has older jobs, and some take no older time
            now=self._now,
            state=msgspec.json.decode(state) if state else None,
            unfinished=[stored.job for stored in unfinished],
        )

    def _next(self, found: Iterator[Seen]) -> Seen | None:
        """Returns the next part; None if there is none, or if the origin fails: then the reason is in `looked`."""
        try:
            return next(found, None)
        except CannotReadError as error:
            self.looked.error = words(error)
            return None

    def _take(self, seen: Seen) -> None:
        self._jobs += seen.jobs
        self._raw += sum(len(job.raw) for job in seen.jobs)
        for wrong in seen.unstorable:
            self._refused.unstorable(wrong)
        self._refused.unreadable(seen.unreadable)
        self._gone += seen.gone
        self._withdrawn += seen.withdrawn
        for run in seen.next_runs:
            self._next_runs.setdefault(run.plan, set()).add(run.at)
        self._clock = self._clock or seen.clock
        newest = min(seen.newest, self._store.clock())
        self._state = replace(self._state, newest=max(self._state.newest, newest))
        if seen.state is not None and (self._stream.notes or not self._refused):
            self._state = replace(self._state, state=seen.state)

    def _save(self, **more: Any) -> None:
        """Stores what was read since the last time. Raises StoreError."""
        read = Read(state=self._state, jobs=self._jobs, gone=self._gone, withdrawn=self._withdrawn, **more)
        done, self._state = self._lease.save(read)
        self.looked.read += done.received
        self.looked.created += done.created
        self.looked.updated += done.updated
        self._jobs, self._gone, self._withdrawn, self._raw = [], [], [], 0
        self._tell(self.looked)

    def _finish(self) -> None:
        """Notes that the stream was read to its end, what of it is lost, and what has not changed for too long."""
        began = min(self._now, self._clock or self._now)
        self._state = replace(
            self._state, watermark=max(began, self._before.watermark), looked=self._now, failing=0, error=""
        )
        next_runs = self._next_runs if self._stream.announces else None
        self._save(hole=self._lost, unchanged=self._unchanged(), next_runs=next_runs)

    def _unchanged(self) -> dict[str, int]:
        """Returns the jobs of which the origin has told the same for too long, and since when (ticks)."""
        now = self._store.clock()
        found: dict[str, int] = {}
        with self._store.reading() as transaction:
            known = connectors.unfinished_jobs(transaction, self._key, self._stream.name)
            for stored in collected.unfinished(transaction, self._key, self._stream.name):
                job, mine = stored.job, known[stored.job.job_id]
                since = max(mine.changed, job.start if job.state is JobState.NotStarted else 0)
                if mine.presumed or now - since <= ticks.PER_DAY:
                    continue
                usual = of_job.usual_of_job(transaction, self._key.tenant, job.job_id)
                if now - since > (UNCHANGED * usual.duration.p90 if usual else 0):
                    found[job.job_id] = since
        return found


def _not_ahead(state: StreamState, now: int) -> StreamState:
    """Returns a state with no time after `now`. A clock that was ahead for a while would hide what comes until then."""
    return replace(
        state, **{name: min(getattr(state, name), now) for name in ("added", "watermark", "looked", "newest")}
    )


def failed(state: StreamState, error: str, now: int) -> StreamState:
    """Returns the state of a stream that could not be read at `now`."""
    return replace(state, tried=now, error=error, failing=state.failing or now)
