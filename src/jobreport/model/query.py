"""A question about jobs, as a value; and the page that answers it."""

from typing import Final, NamedTuple

import msgspec

from jobreport.model.catalog import UNFINISHED, JobState, JobType, ServiceType
from jobreport.model.job import Job, wire_times

DEFAULT_PAGE_SIZE: Final = 10
MAX_PAGE_SIZE: Final = 10_000
MAX_SEARCH: Final = 256
"""Characters of a search text."""


class JobQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which jobs, and which page of them. Every filter that is None does not filter.

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
