"""The job of a run that did not start: Failed, or NotStarted while nothing is known; Skipped when the run came late.

It is filed under its due time, and its ID is the same whenever it is written for this series and due time. So whoever
reads the report sees a missed backup as any other that failed.
"""

import base64
import hashlib

from jobreport.model import ticks
from jobreport.model.catalog import JobState
from jobreport.model.due_times import MISSED, Missed, Told
from jobreport.model.job import TEXT_LIMITS, Job
from jobreport.model.judging import Expected, Freshness, expected_words
from jobreport.model.lengths import duration
from jobreport.model.series_query import Series
from jobreport.model.verdict import StoredJob


def job_id(series: Series, due: int) -> str:
    """Returns the ID of the job: `MR20261123010000-` and a hash of series and due time."""
    digest = hashlib.sha256(f"{series.key} {due}".encode()).digest()[:10]
    return f"{MISSED}{ticks.to_datetime(due):%Y%m%d%H%M%S}-{base64.b32encode(digest).decode().lower()}"


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
    """Returns the job as one that failed, since it is known now that the run did not start."""
    words = f"did not start; {expected_words(missed.due, expected)}"
    job = stored.job.evolve(state=JobState.Failed, finish=missed.due, comments=_kept(words), observed=now)
    return StoredJob(job=job, received=stored.received, heard=now, presumed=True)


def came(stored: StoredJob, told: Told, expected: Expected, now: int) -> StoredJob:
    """Returns the job as one that was skipped, since the run came after all: late, or it was told of late."""
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
