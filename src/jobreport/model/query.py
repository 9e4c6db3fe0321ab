"""A question about jobs, as a value; and the page that answers it."""

from typing import Final

import msgspec

from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.model.job import Job

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
