"""The job of a run that did not start: Failed; NotStarted while that is not certain; Skipped when the run came late.

It is filed under its due time, and has the same ID whenever it is written for this series and due time. So a missed
backup is in the report like any other that failed.
"""

import base64
import hashlib
import secrets
from collections.abc import Callable
from typing import Final

from jobreport.model import ticks
from jobreport.model.catalog import JobState
from jobreport.model.due_times import MISSED, Missed, MissedOutcome
from jobreport.model.job import TEXT_LIMITS, Job
from jobreport.model.judging import Expected, Freshness, expected_words
from jobreport.model.lengths import duration
from jobreport.model.series_query import Series
from jobreport.model.stored_job import StoredJob

_TRIES: Final = 8
"""After so many IDs that others have, one is taken by chance."""


def job_id(series: Series, due: int, number: int = 0) -> str:
    """Returns the ID of the job: `MR20261123010000-` and a hash of series and due time. `number` gives another one, in
    case a job of somebody else has this ID.
    """
    words = f"{series.key} {due}{f' {number}' if number else ''}"
    digest = hashlib.sha256(words.encode()).digest()[:10]
    return f"{MISSED}{ticks.to_datetime(due):%Y%m%d%H%M%S}-{base64.b32encode(digest).decode().lower()}"


def free_id(series: Series, due: int, there: Callable[[str], StoredJob | None], first: str) -> str:
    """Returns the ID of the job for this run: of the job that was already written for it, or else one that is free.

    The ID can be predicted, so somebody may have reported another job under it. That job stays as it is, and ours gets
    the next ID. So nobody can keep a missed run out of the report. `there` reads a stored job by its ID. `first` is the
    ID that is tried first (`job_id`).
    """
    found, number = first, 0
    while (known := there(found)) and not is_of(known, series, due):
        number = number + 1 if number < _TRIES else secrets.randbits(64)
        found = job_id(series, due, number)
    return found


def is_of(stored: StoredJob, series: Series, due: int) -> bool:
    """Returns whether this job was written for the run of a series that was due then."""
    job = stored.job
    about = job.service, job.type, job.plan, job.resource, job.origin
    mine = series.service, series.type, series.plan, series.resource, series.origin
    return stored.presumed and job.start == due and about == mine


def written(series: Series, missed: Missed, expected: Expected, freshness: Freshness, now: int) -> StoredJob:
    """Returns the job for a run that did not start, or of which nothing is known."""
    job = Job(
        job_id=missed.job,
        service=series.service,
        type=series.type,
        state=JobState.NotStarted,
        start=missed.due,
        plan=series.plan,
        resource=series.resource,
        origin=series.origin,
        observed=now,
        comments=_kept(f"{freshness.no_data or 'no data'}; not known"),
    )
    stored = StoredJob(job=job, received=now, heard=now, presumed=True)
    return not_started(stored, missed, expected, now) if missed.known else stored


def not_started(stored: StoredJob, missed: Missed, expected: Expected, now: int) -> StoredJob:
    """Returns the job as Failed, since it is now certain that the run did not start."""
    words = f"did not start; {expected_words(missed.due, expected)}"
    job = stored.job.evolve(state=JobState.Failed, finish=missed.due, comments=_kept(words), observed=now)
    return StoredJob(job=job, received=stored.received, heard=now, presumed=True)


def came(stored: StoredJob, told: MissedOutcome, expected: Expected, now: int) -> StoredJob:
    """Returns the job as Skipped, since the run came after all: it started late, or its report came late."""
    run, due = told.run, told.missed.due
    assert run
    late = run.start - due
    words = f"ran {duration(late)} late" if late > expected.grace else "ran on time, and was told of late,"
    job = stored.job.evolve(
        state=JobState.Skipped, finish=due, comments=_kept(f"{words} as {run.job_id}"), observed=now
    )
    return StoredJob(job=job, received=stored.received, heard=now, presumed=True)


def _kept(words: str) -> str:
    return words[: TEXT_LIMITS["comments"]]
