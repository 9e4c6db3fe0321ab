"""A query for series, as a value: filters, order and page. And the page that answers it."""

from enum import StrEnum
from typing import Final

import msgspec

from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.model.need import Standing
from jobreport.model.query import DEFAULT_PAGE_SIZE, Position
from jobreport.model.series import SeriesStatus
from jobreport.model.usual import Run, Usual

MAX_PAGE_SIZE: Final = 1_000


class SeriesFilter(msgspec.Struct, frozen=True, kw_only=True):
    """The filters of a query for series. A series must pass all of them. An empty filter does nothing.

    If a filter has several values, a series must have one of them. `search` must be in the plan, or in the resource;
    the case does not matter. `states` are those of the newest job that has ended; `standings` say whether somebody is
    needed (`model.need`), which is not known of the past.
    """

    search: str = ""
    services: tuple[ServiceType, ...] = ()
    types: tuple[JobType, ...] = ()
    states: tuple[JobState, ...] = ()
    plans: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    standings: tuple[Standing, ...] = ()


class SeriesKeys(StrEnum):
    """The keys by which series can be sorted, with their names in the API."""

    NAME = "name"
    """Plan and resource, case-folded."""
    LAST_GOOD = "lastGood"
    """The end of the newest good job. A series that never had one comes first if the order ascends."""
    NOT_GOOD_SINCE = "notGoodSince"
    """The time of the first job that was not good since then. A series that is well comes last, in both directions."""


class SeriesSort(msgspec.Struct, frozen=True):
    """An order of series. Those with the same key are sorted by the order in which they were first seen."""

    key: SeriesKeys = SeriesKeys.NAME
    descending: bool = False


class SeriesQuery(msgspec.Struct, frozen=True, kw_only=True):
    """A query: filters, an order, and a page. The page begins `after` a position; None: at the beginning.

    The position has the key if it is a time, the number of the series, and its name. `at` is a time in ticks: how the
    series stood then (`model.series_at`); None: how they stand.
    """

    where: SeriesFilter = SeriesFilter()
    sort: SeriesSort = SeriesSort()
    at: int | None = None
    after: Position | None = None
    size: int = DEFAULT_PAGE_SIZE

    @property
    def is_short(self) -> bool:
        """Whether no more is read than what is kept by codes: no text of all series, and no job."""
        where = self.where
        return self.at is None and not (where.search or where.plans or where.resources or where.origins)


class Series(msgspec.Struct, frozen=True, kw_only=True):
    """A series, and how it stands.

    `number` is its own within the tenant. `key` says the same for ever and in every store: a hash, in 32 hexadecimal
    digits, of service, type, plan, resource and origin.
    """

    number: int
    key: str
    service: ServiceType
    type: JobType
    plan: str
    resource: str
    origin: str
    status: SeriesStatus


class SeriesPage(msgspec.Struct, frozen=True):
    """The answer to a `SeriesQuery`: the exact total of all series that match, and those on the page.

    `next` is the position after which the next page begins; None on the last page.
    """

    total: int
    series: tuple[Series, ...]
    next: Position | None


class SeriesRuns(msgspec.Struct, frozen=True):
    """A series with its last `usual.RUNS` runs that have started, newest first, and what is usual of its good ones."""

    series: Series
    runs: tuple[Run, ...]
    usual: Usual | None


class NeighbourJob(msgspec.Struct, frozen=True):
    """The job before or after another one in its series. `filed` is the time by which jobs are sorted (ticks)."""

    job_id: str
    state: JobState
    filed: int


class JobSeries(msgspec.Struct, frozen=True):
    """The series of a job, what is usual of its good runs, and the jobs before and after it in the series.

    The order is that of the filed time, and of the ID where two are filed at the same time. `previous` is None for the
    oldest job of the series, `next` for the newest.
    """

    series: Series
    usual: Usual | None
    previous: NeighbourJob | None
    next: NeighbourJob | None
