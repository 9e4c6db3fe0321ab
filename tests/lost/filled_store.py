"""Makes a closed store in a file, with some jobs in it."""

from contextlib import closing
from pathlib import Path

from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.model.job import Job
from jobreport.store import open_store
from jobs import AUGUST, MINUTE


def fill_store(path: Path, jobs: int = 200) -> Path:
    """`path`, where a store now is that has so many jobs."""
    one = Job(
        job_id="FB",
        service=ServiceType.FileShare,
        type=JobType.FileBackup,
        state=JobState.Successful,
        start=AUGUST,
        finish=AUGUST + MINUTE,
        comments="x" * 300,
    )
    with closing(open_store(f"sqlite:///{path}")) as store:
        store.record(
            store.tenant_id("default", create=True) or 0, [one.evolve(job_id=f"FB{number}") for number in range(jobs)]
        )
    return path
