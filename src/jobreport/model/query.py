"""A question about jobs, as a value; and the page that answers it."""

from enum import StrEnum
from typing import Final, NamedTuple

import msgspec

from jobreport.model.catalog import UNFINISHED, JobState, JobType, ServiceType
from jobreport.model.job import Job, wire_times

DEFAULT_PAGE_SIZE: Final = 10
MAX_PAGE_SIZE: Final = 10_000
MAX_SEARCH: Final = 256
"""Characters of a text that is looked for."""


class JobQuery(msgspec.Struct, frozen=True, kw_only=True):
    """What generation 1 can ask, and kept counts can answer: which jobs, and which page of them.

    Every filter that is None does not filter. What else there is to ask is a `ListQuery`.

    `since` and `until` are ticks, both ends included, and bound the time under which a job is filed:
    its start, or for a NotStarted one its due time, or else when it was received.
    Order: newest filed first, then job ID descending by code point (contract, "order").
    """

    search: str = ""
    since: int | None = None
    until: int | None = None
    service: ServiceType | None = None
    type: JobType | None = None
    state: JobState | None = None
    page: int = 0
    size: int = DEFAULT_PAGE_SIZE


class Page(msgspec.Struct, frozen=True):
    """`total` counts every job that matches the query, exactly; `jobs` are those on the page asked for."""

    total: int
    jobs: tuple[Job, ...]


class Line(NamedTuple):
    """What a report tells of a job; the fields are those of `Job`, the codes numbers."""

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

    def wire_times(self, now: int) -> tuple[int, int, int]:
        """`startTime`, `finishTime` and `duration` as the contract gives them ("unfinished jobs")."""
        if self.state not in UNFINISHED:
            return self.start, self.finish, self.finish - self.start
        return wire_times(JobState(self.state), self.start, self.finish, now)


class Report(msgspec.Struct, frozen=True):
    """A page with less of each job, and so in less time."""

    total: int
    lines: list[Line]


class JobFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which jobs: the query language's filters, all of which a job must pass. An empty or missing one does not filter.

    Of several services, types, states, plans, resources or origins a job has one. Plans, resources and origins are
    compared exactly, character by character: they are names by which jobs are grouped and counted. `search` and
    `comments` are parts of a text, folded. `since` and `until` are as in a `JobQuery`. `min_duration` is in ticks and
    at least 0: a job that runs has lasted since its start, one that has not started does not last. `min_failed` is in
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


class SortKey(StrEnum):
    """What a list of jobs may be ordered by, under its name on the wire."""

    START = "startTime"
    """The time under which a job is filed."""
    FINISH = "finishTime"
    DURATION = "duration"
    FAILED = "failedCount"


class Sort(msgspec.Struct, frozen=True):
    """An order of jobs; of the same key by start, then by job ID, in the same direction.

    A job that has not ended has no finish and no duration yet, and its failed objects are not all known. So it comes
    last by these three keys, whichever the direction.
    """

    key: SortKey = SortKey.START
    descending: bool = True


NEWEST_FIRST: Final = Sort()
"""The order of the report (contract, "order")."""


class Place(NamedTuple):
    """A place in an order: the job with this key (`store.query.keyset` says which), filed at this time, of this ID.

    It stays a place when the job is changed or deleted.
    """

    key: int
    filed: int
    job_id: str


class ListQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which jobs, in which order, and which page of them: the one that comes `after` a place, or else by its number."""

    where: JobFilter = JobFilter()
    sort: Sort = NEWEST_FIRST
    after: Place | None = None
    page: int = 0
    size: int = DEFAULT_PAGE_SIZE

    @property
    def narrow(self) -> bool:
        """Whether it asks in the order of the report for no more than one service, type and state, times and a text."""
        where = self.where
        wide = len(where.services) > 1 or len(where.types) > 1 or len(where.states) > 1
        about = where.plans or where.resources or where.origins
        more = where.comments or where.min_duration or where.min_failed
        return self.sort == NEWEST_FIRST and not (wide or about or more)

    def plain(self) -> JobQuery | None:
        """The same as a `JobQuery`; None where that cannot ask it."""
        where = self.where
        if not self.narrow or self.after:
            return None
        return JobQuery(
            search=where.search,
            since=where.since,
            until=where.until,
            service=where.services[0] if where.services else None,
            type=where.types[0] if where.types else None,
            state=where.states[0] if where.states else None,
            page=self.page,
            size=self.size,
        )


class Listing(msgspec.Struct, frozen=True):
    """The page of a `ListQuery`: the exact total of all that match, the jobs, and the place where the next page begins.

    `next` is None on the last page.
    """

    total: int
    lines: list[Line]
    next: Place | None
