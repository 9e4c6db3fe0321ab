"""What is asked of the jobs, as a value: which of them, in which order, which page; and the page that answers it.

Both generations of the API, the client and the command line ask by a `JobQuery`. Generation 1 has names for a few of
its filters only.
"""

from enum import StrEnum
from typing import Final, NamedTuple

import msgspec

from jobreport.model.catalog import UNFINISHED, JobState, JobType, ServiceType
from jobreport.model.job import wire_times

DEFAULT_PAGE_SIZE: Final = 10
MAX_PAGE_SIZE: Final = 10_000
MAX_SEARCH: Final = 256
"""Characters of a text that is looked for."""


class JobFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which jobs: filters, all of which a job must pass. An empty or missing one does not filter.

    `since` and `until` are ticks, both included. They bound the time under which a job is filed: its start; for one
    that has not started the time at which it is due, or else that at which it was received.

    Of several services, types, states, plans, resources or origins a job has one. Plans, resources and origins are
    compared exactly, character by character: they are names by which jobs are grouped and counted. `search` is a part
    of the job ID or of the description, `comments` one of the comments, both folded. `min_duration` is in ticks and at
    least 0: a job that runs has lasted since its start, one that has not started does not last. `min_failed` is in
    objects.
    """

    search: str = ""
    since: int | None = None
    until: int | None = None
    services: tuple[ServiceType, ...] = ()
    types: tuple[JobType, ...] = ()
    states: tuple[JobState, ...] = ()
    plans: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    comments: str = ""
    min_duration: int = 0
    min_failed: int = 0

    @property
    def is_counted(self) -> bool:
        """Whether the store keeps the number of jobs that match, day by day: it does for codes and times."""
        about = self.search or self.plans or self.resources or self.origins
        return not (about or self.comments or self.min_duration or self.min_failed)


class SortKey(StrEnum):
    """What a list of jobs may be ordered by, under its name on the wire."""

    START = "startTime"
    """The time under which a job is filed."""
    FINISH = "finishTime"
    DURATION = "duration"
    FAILED = "failedCount"


class Sort(msgspec.Struct, frozen=True):
    """An order of jobs; of the same key by start, then by job ID (by code point), in the same direction.

    A job that has not ended has no finish and no duration yet, and its failed objects are not all known. So it comes
    last by these three keys, whichever the direction.
    """

    key: SortKey = SortKey.START
    descending: bool = True


NEWEST_FIRST: Final = Sort()
"""The order of the report (contract, "order")."""


class Position(NamedTuple):
    """A position in an order, after which a page may begin: of the job with this key, filed at this time, of this ID.

    `store.query.keyset` says what the key is.

    It is still one when the job is changed or deleted.
    """

    key: int
    filed: int
    job_id: str


class JobQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which jobs, in which order, and which page of them: the one `after` a position, or else by its number from 0."""

    where: JobFilter = JobFilter()
    sort: Sort = NEWEST_FIRST
    after: Position | None = None
    page: int = 0
    size: int = DEFAULT_PAGE_SIZE

    @property
    def by_time(self) -> bool:
        """Whether it is in the order of time, either way."""
        return self.sort.key is SortKey.START

    @property
    def is_short(self) -> bool:
        """Whether it takes no longer the more jobs there are: the store knows by its counts where the page lies."""
        return self.by_time and self.where.is_counted


class Line(NamedTuple):
    """What a list tells of a job; the fields are those of `Job`, the codes numbers. `filed` is in ticks."""

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
        """`startTime`, `finishTime` and `duration` as the contract gives them ("unfinished jobs")."""
        if self.state not in UNFINISHED:
            return self.start, self.finish, self.finish - self.start
        return wire_times(JobState(self.state), self.start, self.finish, now)


class Page(msgspec.Struct, frozen=True):
    """The answer to a `JobQuery`: the exact total of all jobs that match, those on the page, and where the next begins.

    `next` is None on the last page.
    """

    total: int
    lines: list[Line]
    next: Position | None
