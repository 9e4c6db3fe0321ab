"""A series is what repeats: all jobs of one service, type, plan, resource and origin. Here is how it stands.

The plan alone is no series: `nightly` may be 50 hosts, and one host that is missing must not hide behind the other 49.
A job with neither plan nor resource belongs to no series. The description does not matter.

`SeriesStatus` is kept for each series and changed with each of its jobs. It is always what a count of all its jobs
would give. Where a change takes away what it rests on (the last good job is corrected to Failed, say), it names the
parts that must be read again from the jobs.
"""

from enum import Flag, auto
from typing import Final, NamedTuple

import msgspec

from jobreport.model.catalog import NOT_GOOD, JobState, JobType, ServiceType
from jobreport.model.job import Job
from jobreport.model.stored_job import StoredJob

GOOD: Final = frozenset({JobState.Successful})
"""The states of a job that leaves a good copy."""
GOOD_TOO: Final = GOOD | {JobState.Exception}
"""The states of a job that leaves a good copy, for a tenant that accepts jobs which finished with exceptions."""
NONE: Final = 0
"""The number of the series of a job that belongs to none."""


class SeriesKey(NamedTuple):
    """What all jobs of a series have in common."""

    service: ServiceType
    type: JobType
    plan: str
    resource: str
    origin: str


def series_of(job: Job) -> SeriesKey | None:
    """Returns the series of a job; None if it belongs to none."""
    if not (job.plan or job.resource):
        return None
    return SeriesKey(job.service, job.type, job.plan, job.resource, job.origin)


class Stale(Flag):
    """The parts of a status that must be read again from the jobs."""

    NOTHING = 0
    JOBS = auto()
    FIRST = auto()
    HEARD = auto()
    NEWEST = auto()
    ENDED = auto()
    GOOD = auto()
    NOT_GOOD = auto()
    UNFINISHED = auto()


class SeriesStatus(msgspec.Struct):
    """How a series stands. Times are ticks; 0 and the empty text mean that there is no such job.

    `jobs` is their number. `first` is the filed time of the oldest, `heard` the time of the newest report. `newest` is
    the newest job that has started, `ended` the newest that has ended, `good` the newest good one; of jobs with the
    same filed time the one with the greater ID is newer. `objects` and `bytes` are those of the good one.
    `not_good` is how many jobs were not good since the last good one (or ever), the oldest of them filed at
    `not_good_since`. `unfinished` is how many have not ended, the oldest of them filed at `unfinished_since`.
    """

    jobs: int = 0
    first: int = 0
    heard: int = 0
    newest_filed: int = 0
    newest_id: str = ""
    newest_state: int = 0
    ended_filed: int = 0
    ended_id: str = ""
    ended_state: int = 0
    good_filed: int = 0
    good_id: str = ""
    good_finish: int = 0
    good_objects: int = 0
    good_bytes: int = 0
    not_good: int = 0
    not_good_since: int = 0
    unfinished: int = 0
    unfinished_since: int = 0

    def add(self, stored: StoredJob, good: frozenset[JobState]) -> Stale:
        """Adds a job. `good` are the states that count as good. Returns the parts that must be read again."""
        job, filed, heard = stored.job, stored.filed, stored.heard
        key = filed, job.job_id
        if filed < self.first or not self.jobs:  # not min and max: it is called for each job that is stored
            self.first = filed
        self.jobs += 1
        if heard > self.heard:
            self.heard = heard
        state = job.state
        if state is not JobState.NotStarted and key >= (self.newest_filed, self.newest_id):
            self.newest_filed, self.newest_id, self.newest_state = filed, job.job_id, state._value_
        if not state.finished:
            self.unfinished_since = min(self.unfinished_since, filed) if self.unfinished else filed
            self.unfinished += 1
            return Stale.NOTHING
        stale = Stale.NOTHING
        is_last = key >= (self.ended_filed, self.ended_id)
        if key >= (self.good_filed, self.good_id):
            if state is JobState.Successful or state in good:  # most are, and it is slow to look for a state
                stale = self._good(job, filed, is_last=is_last)
            elif state in NOT_GOOD:
                self.not_good_since = min(self.not_good_since, filed) if self.not_good else filed
                self.not_good += 1
        if is_last:
            self.ended_filed, self.ended_id, self.ended_state = filed, job.job_id, state._value_
        return stale

    def _good(self, job: Job, filed: int, *, is_last: bool) -> Stale:
        """Makes this job the last good one. `is_last`: no job of the series that has ended is newer."""
        self.good_filed, self.good_id, self.good_finish = filed, job.job_id, job.finish
        self.good_objects, self.good_bytes = job.total, job.size
        if not self.not_good or filed < self.not_good_since:
            return Stale.NOTHING
        if not is_last:
            return Stale.NOT_GOOD
        self.not_good = self.not_good_since = 0
        return Stale.NOTHING

    def remove(self, stored: StoredJob, good: frozenset[JobState]) -> Stale:
        """Takes a job away that was added. Returns the parts that must be read again."""
        job, filed = stored.job, stored.filed
        key = filed, job.job_id
        self.jobs -= 1
        if not self.jobs:
            self._clear()
            return Stale.NOTHING
        stale = Stale.NOTHING
        if filed == self.first:
            stale |= Stale.FIRST
        if stored.heard == self.heard:
            stale |= Stale.HEARD
        if key == (self.newest_filed, self.newest_id):
            stale |= Stale.NEWEST
        if not job.state.finished:
            self.unfinished -= 1
            if not self.unfinished:
                self.unfinished_since = 0
            elif filed == self.unfinished_since:
                stale |= Stale.UNFINISHED
            return stale
        if key == (self.ended_filed, self.ended_id):
            stale |= Stale.ENDED
        if key == (self.good_filed, self.good_id):
            stale |= Stale.GOOD | Stale.NOT_GOOD
        elif job.state in NOT_GOOD - good and key > (self.good_filed, self.good_id):
            self.not_good -= 1
            if not self.not_good:
                self.not_good_since = 0
            elif filed == self.not_good_since:
                stale |= Stale.NOT_GOOD
        return stale

    def replace(self, old: StoredJob, new: StoredJob, good: frozenset[JobState]) -> Stale:
        """Takes a job away and adds it as it is now. Returns the parts that must be read again.

        A job that still is where it was leaves nothing to read again: usually it has ended, or was heard of.
        """
        stale = self.remove(old, good) | self.add(new, good)
        was, now = old.job, new.job
        if new.heard >= old.heard:
            stale &= ~Stale.HEARD
        if new.filed <= old.filed:
            stale &= ~Stale.FIRST
            if not now.state.finished:
                stale &= ~Stale.UNFINISHED
        if (new.filed, now.job_id) < (old.filed, was.job_id):
            return stale
        if now.state is not JobState.NotStarted:
            stale &= ~Stale.NEWEST
        if now.state.finished:
            stale &= ~Stale.ENDED
        if new.filed == old.filed and was.state.finished and (now.state in good) == (was.state in good):
            if now.state in good:
                stale &= ~(Stale.GOOD | Stale.NOT_GOOD)
            elif now.state in NOT_GOOD:
                stale &= ~Stale.NOT_GOOD
        return stale

    def _clear(self) -> None:
        empty = SeriesStatus()
        for name in self.__struct_fields__:
            setattr(self, name, getattr(empty, name))
