"""The answer of generation 2 as types: the server writes it from them, and the client reads it into them."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta

from jobreport.contract.completeness import Reported
from jobreport.model import ticks
from jobreport.model.catalog import JobState, JobType
from jobreport.model.query import Line

_INT32: Final = {"format": "int32"}
_TYPES: Final = frozenset(JobType)
_STATES: Final = {state.value: state for state in JobState}
_DATE_TIME: Final = {"format": "date-time"}


class JobItem(msgspec.Struct, frozen=True, rename="camel"):
    """One job. Times are ISO 8601 in UTC, cut to seconds; an unset time is .NET's: 0001-01-01T00:00:00Z."""

    job_id: str
    job_type: Annotated[int, Meta(description="The code of its type.", extra_json_schema=_INT32)]
    status: JobState
    failed_count: Annotated[int, Meta(description="Objects that failed.", extra_json_schema=_INT32)]
    successful_count: Annotated[int, Meta(description="Objects that succeeded.", extra_json_schema=_INT32)]
    skipped_count: Annotated[int, Meta(description="Objects that were left out.", extra_json_schema=_INT32)]
    total_count: Annotated[int, Meta(description="Objects in all.", extra_json_schema=_INT32)]
    start_time: Annotated[str, Meta(extra_json_schema=_DATE_TIME)]
    finish_time: Annotated[str, Meta(description="Unset until it ends.", extra_json_schema=_DATE_TIME)]
    duration: Annotated[
        str,
        Meta(
            description="hours:minutes:seconds, from a day on days.hours:minutes:seconds; cut. "
            "Until it ends: since the start."
        ),
    ]
    comments: str

    @property
    def started_at(self) -> datetime | None:
        """When the job started, in UTC, to the second; None if it has not started."""
        return _moment(self.start_time)

    @property
    def finished_at(self) -> datetime | None:
        """When the job ended, in UTC, to the second; None until then."""
        return _moment(self.finish_time)

    @property
    def took(self) -> timedelta:
        """How long the job took, or has been running; to the second."""
        return timedelta(microseconds=ticks.from_duration(self.duration) // 10)

    def row(self) -> dict[str, Any]:
        """The job as a row of a table: plain values, codes by their names, times as datetimes or None."""
        return {
            "job_id": self.job_id,
            "type": JobType(self.job_type).name if self.job_type in _TYPES else str(self.job_type),
            "state": self.status.name,
            "failed": self.failed_count,
            "successful": self.successful_count,
            "skipped": self.skipped_count,
            "total": self.total_count,
            "started_at": self.started_at,
            "finished_at": self.finished_at,
            "took": self.took,
            "comments": self.comments,
        }


def _moment(text: str) -> datetime | None:
    moment = ticks.from_iso(text, zone=UTC)
    return ticks.to_datetime(moment) if moment else None


class JobsPage(Reported, frozen=True, rename="camel"):
    """The jobs on the page, how many match in all, and where the next page begins."""

    total_count: Annotated[int, Meta(description="Every job that matches, exactly, whatever the page.")]
    jobs: list[JobItem]
    next_link: Annotated[str, Meta(description="The skiptoken of the next page; empty on the last one.")]


def item(line: Line, now: int) -> JobItem:
    """Returns the job as the answer shows it at `now` (ticks)."""
    start, finish, duration = line.wire_times(now)
    return JobItem(
        line.job_id,
        line.type,
        _STATES[line.state],
        line.failed,
        line.successful,
        line.skipped,
        line.total,
        ticks.to_iso(start, digits=0),
        ticks.to_iso(finish, digits=0),
        ticks.duration(0, duration),
        line.comments,
    )
