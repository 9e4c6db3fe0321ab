"""What a file of jobs has of each: a row of plain values, and what a reader is told of its times."""

from typing import Final, NamedTuple

from jobreport.model.catalog import UNFINISHED, JobState
from jobreport.model.job import wire_times


class JobRow(NamedTuple):
    """One job of a whole result; the fields are those of `Job`, the codes numbers, the times ticks (0: unset)."""

    job_id: str
    service: int
    type: int
    state: int
    start: int
    finish: int
    failed: int
    successful: int
    skipped: int
    total: int
    size: int
    comments: str
    description: str
    plan: str
    resource: str
    origin: str


Row = tuple[str, int, int, int, int, int, int, int, int, int, int, str, str, str, str, str]
"""A `JobRow` as a plain tuple, as which a million of them take half the time."""

COLUMNS: Final = (
    "jobId",
    "serviceType",
    "jobType",
    "state",
    "startTime",
    "finishTime",
    "durationSeconds",
    "failedCount",
    "successfulCount",
    "skippedCount",
    "totalCount",
    "bytes",
    "comments",
    "description",
    "plan",
    "resource",
    "origin",
)
"""The columns of every file, in order: the names of the write side, and how long a job took."""


def times(state: int, start: int, finish: int, now: int) -> tuple[int, int, int]:
    """Start, finish and duration as the contract gives them ("unfinished jobs"), in ticks; `now` is the snapshot's."""
    if state in UNFINISHED:
        return wire_times(JobState(state), start, finish, now)
    return start, finish, finish - start
