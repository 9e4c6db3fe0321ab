"""Short jobs, each of which a test may change a field of."""

from typing import Any

from jobreport.model import ticks
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.model.job import Job
from strategies import NOW

SECOND = ticks.PER_SECOND
MINUTE = 60 * SECOND
START = NOW - 60 * MINUTE


def running(job_id: str = "FB1", **fields: Any) -> Job:
    """A backup of a file share that is in progress."""
    whole: dict[str, Any] = {
        "job_id": job_id,
        "service": ServiceType.FileShare,
        "type": JobType.FileBackup,
        "state": JobState.InProgress,
        "start": START,
        "observed": NOW,
    }
    return Job(**whole | fields)


def done(job_id: str = "FB1", **fields: Any) -> Job:
    """A backup of a file share that was successful."""
    whole: dict[str, Any] = {"state": JobState.Successful, "finish": START + MINUTE}
    return running(job_id, **whole | fields)


def not_started(job_id: str = "FB1", **fields: Any) -> Job:
    return running(job_id, **{"state": JobState.NotStarted, "start": 0} | fields)
