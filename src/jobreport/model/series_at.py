"""How a series stood at a time in the past, by what is known today of its jobs.

What was reported late counts as of when it happened, since the question is how the backups stood, not who knew of it.
"""

from jobreport.model.catalog import JobState
from jobreport.model.due_times import is_missed
from jobreport.model.stored_job import StoredJob


def as_of(stored: StoredJob, at: int) -> StoredJob | None:
    """Returns a job as it was at a time (ticks); None if it was not there yet.

    A job that has started since is left out. One that has ended since was in progress. A job that has not started to
    this day was there once it was reported, and one that stands for a run that did not start, once it was written. The
    time of its report is that of the newest report known to be not later: the last one, or else the first, or else 0.
    """
    job = stored.job
    told = job.state is JobState.NotStarted or is_missed(job.job_id)
    if (stored.received if told else stored.filed) > at:
        return None
    if job.finish > at:
        job = job.evolve(state=JobState.InProgress, finish=0)
    heard = next((time for time in (stored.heard, stored.received) if time <= at), 0)
    return StoredJob(job=job, received=stored.received, heard=heard, presumed=stored.presumed, app=stored.app)
