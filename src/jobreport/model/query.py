"""A query for jobs, as a value: filters, order and page. And the page that answers it.

Both generations of the API, the client and the command line use a `JobQuery`. Generation 1 only knows a few of its
filters.
"""

from enum import StrEnum
from typing import Final, NamedTuple

import msgspec

from jobreport.model.catalog import UNFINISHED, JobState, JobType, ServiceType
from jobreport.model.job import wire_times

DEFAULT_PAGE_SIZE: Final = 10
MAX_PAGE_SIZE: Final = 10_000
MAX_SEARCH: Final = 256
"""The most characters of a text that is searched for."""


class Clock(StrEnum):
    """The times of a job by which the kept counts count it, and by which a page of many jobs is found.

    The value is the beginning of the names of the two bounds: `since` and `until`, `ended_since` and `ended_until`.
    """

    STARTED = ""
    """The filed time of a job, which is its start if it has started."""
    ENDED = "ended_"
    """The time at which a job ended."""


class JobFilter(msgspec.Struct, frozen=True, kw_only=True):
    """The filters of a query. A job must pass all of them. An empty or missing filter does nothing.

    `since` and `until` are ticks, both included. They limit the filed time: the start of a job; if it has not started,
    the time when it is due, or, if that is unknown, when it was received. `ended_since` and `ended_until` limit the
    time of the end in the same way; a job that has not ended does not pass them.

    If a filter has several services, types, states, plans, resources, origins or causes, a job must have one of them.
    Plans, resources, origins and the codes of causes are compared exactly, because jobs are grouped and counted by
    them. `search` must be in the job ID or in the description, `comments` in the comments; for these two the case does
    not matter. `min_duration` is in ticks, at least 0: a job that still runs has taken the time since its start, and a
    job that has not started has taken none. `min_failed` is a number of objects.
    """

    search: str = ""
    since: int | None = None
    until: int | None = None
    ended_since: int | None = None
    ended_until: int | None = None
    services: tuple[ServiceType, ...] = ()
    types: tuple[JobType, ...] = ()
    states: tuple[JobState, ...] = ()
    plans: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    causes: tuple[str, ...] = ()
    comments: str = ""
    min_duration: int = 0
    min_failed: int = 0

    @property
    def is_counted(self) -> bool:
        """Whether the kept counts have the number of jobs that match: the only filters are codes, and either times of
        the start or times of the end.
        """
        about = self.search or self.plans or self.resources or self.origins or self.causes
        return not (about or self.comments or self.min_duration or self.min_failed or (self.ended and self.started))

    @property
    def started(self) -> bool:
        """Whether the filed time is limited."""
        return self.since is not None or self.until is not None

    @property
    def ended(self) -> bool:
        """Whether the time of the end is limited."""
        return self.ended_since is not None or self.ended_until is not None

    @property
    def clock(self) -> Clock:
        """The times by which the jobs are counted: those that are limited, or else those of the start."""
        return Clock.ENDED if self.ended and not self.started else Clock.STARTED

    @property
    def range(self) -> tuple[int | None, int | None]:
        """The bounds of the times by which the jobs are counted, in ticks, both included."""
        return (self.ended_since, self.ended_until) if self.clock is Clock.ENDED else (self.since, self.until)


class SortKey(StrEnum):
    """The keys by which a list of jobs can be sorted, with their names in the API."""

    START = "startTime"
    """The filed time of a job, which is its start if it has started."""
    FINISH = "finishTime"
    DURATION = "duration"
    FAILED = "failedCount"


class Sort(msgspec.Struct, frozen=True):
    """An order of jobs. Jobs with the same key are sorted by start, then by job ID (by code point), in the same
    direction.

    A job that has not ended has no finish and no duration yet, and not all its failed objects are known. So for these
    three keys it comes last, in both directions.
    """

    key: SortKey = SortKey.START
    descending: bool = True

    def by_time(self, clock: Clock) -> bool:
        """Whether the order is that of these times of a job, in either direction."""
        return self.key is (SortKey.FINISH if clock is Clock.ENDED else SortKey.START)


NEWEST_FIRST: Final = Sort()
"""The order of the report (contract, "order")."""


class Position(NamedTuple):
    """A position in an order, after which a page can begin: the sort key, the filed time and the ID of a job.

    It stays valid if the job is changed or deleted: the page then begins after the place where the job was.
    `store.query.keyset` explains the key.
    """

    key: int
    filed: int
    job_id: str


class JobQuery(msgspec.Struct, frozen=True, kw_only=True):
    """A query: filters, an order, and a page. The page begins `after` a position; if that is None, `page` is its number
    from 0.
    """

    where: JobFilter = JobFilter()
    sort: Sort = NEWEST_FIRST
    after: Position | None = None
    page: int = 0
    size: int = DEFAULT_PAGE_SIZE

    @property
    def by_time(self) -> bool:
        """Whether the order is that of the times by which the jobs are counted, in either direction."""
        return self.sort.by_time(self.where.clock)

    @property
    def is_short(self) -> bool:
        """Whether the query takes no longer if there are more jobs, since the kept counts say where its page lies.

        No index has the jobs of one service in the order of their ends: many others may have to be passed.
        """
        where = self.where
        if not where.is_counted:
            return False
        passes_others = where.ended and (where.services or where.types or where.states)
        return not passes_others and self.by_time


class Line(NamedTuple):
    """A job in a list: some fields of `Job`, with codes as plain numbers, and its filed time in ticks."""

    job_id: str
    service: int
    type: int
    state: int
    failed: int
    successful: int
    skipped: int
    total: int
    start: int
    finish: int
    comments: str
    filed: int

    def wire_times(self, now: int) -> tuple[int, int, int]:
        """Returns `startTime`, `finishTime` and `duration` as the contract defines them ("unfinished jobs")."""
        if self.state not in UNFINISHED:
            return self.start, self.finish, self.finish - self.start
        return wire_times(JobState(self.state), self.start, self.finish, now)


class Page(msgspec.Struct, frozen=True):
    """The answer to a `JobQuery`: the exact total of all jobs that match, and the jobs on the page.

    `next` is the position after which the next page begins; None on the last page.
    """

    total: int
    lines: list[Line]
    next: Position | None
