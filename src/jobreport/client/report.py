"""The results of calls: a page of generation 1's report (contract, "Generation 1"), or a file while it arrives."""

from datetime import datetime, timedelta
from typing import Any, Generic, NamedTuple, TypeVar

import msgspec

from jobreport.contract.completeness import Completeness, Reported
from jobreport.model import ticks
from jobreport.model.catalog import JobState

P = TypeVar("P")


class ReportedJob(msgspec.Struct, frozen=True, rename="camel"):
    """One job of a report, with the contract's ten fields: times and duration in ticks (UTC), 0 if unset."""

    job_id: str
    state: JobState
    failed_count: int
    successful_count: int
    skipped_count: int
    total_count: int
    start_time: int
    finish_time: int
    duration: int
    comments: str

    @property
    def started_at(self) -> datetime | None:
        """When the job started, in UTC, cut to microseconds; None if it has not started."""
        return ticks.to_datetime(self.start_time) if self.start_time else None

    @property
    def finished_at(self) -> datetime | None:
        """When the job ended, in UTC, cut to microseconds; None until then."""
        return ticks.to_datetime(self.finish_time) if self.finish_time else None

    @property
    def took(self) -> timedelta:
        """How long the job took, or has been running; cut to microseconds."""
        return timedelta(microseconds=self.duration // 10)

    def row(self) -> dict[str, Any]:
        """The job as a row of a table: plain values, the state by its name, times as datetimes or None."""
        return {
            "job_id": self.job_id,
            "state": self.state.name,
            "failed": self.failed_count,
            "successful": self.successful_count,
            "skipped": self.skipped_count,
            "total": self.total_count,
            "started_at": self.started_at,
            "finished_at": self.finished_at,
            "took": self.took,
            "comments": self.comments,
        }


class ReportPage(Reported, frozen=True, rename="camel"):
    """A page of a report; `total_count` counts every job that matches, whatever the page."""

    total_count: int
    jobs: list[ReportedJob]


class Download(NamedTuple, Generic[P]):
    """A file while it arrives. If its last piece arrives, it contains exactly `total` jobs."""

    total: int
    pieces: P
    """Bytes, piece by piece; for `for`, or of the asynchronous client for `async for`."""
    completeness: Completeness | None = None
    """Until when nothing is missing in it, as its server said; None: it said nothing."""
