"""A process with a clock of its own, which delivers every report twice, in any order.

`delivering_process.py URL JOBS SEED HOURS`: says when it is ready, and begins when it is told to. Between its
deliveries it looks for stalled jobs.
"""

import random
import sys

from jobreport.clock import now_ticks
from jobreport.model import ticks
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.model.job import Job
from jobreport.store import open_store

START = 639_000_000_000_000_000
STAGES = (
    JobState.NotStarted,
    JobState.Waiting,
    *[JobState.InProgress] * 4,
    JobState.Failed,
    JobState.Exception,
)
"""What is seen of each job, one after the other: its end, Failed, is corrected once."""


def report(number: int, stage: int) -> Job:
    """The job with this number as it was seen at this stage."""
    state = STAGES[stage]
    return Job(
        job_id=f"FB{number}",
        service=ServiceType.FileShare,
        type=JobType.FileBackup,
        state=state,
        start=START + number,
        finish=START + ticks.PER_SECOND if state.finished else 0,
        comments=f"stage {stage}",
        observed=START + stage * ticks.PER_SECOND,
        heartbeat=1,
    )


def main(url: str, jobs: str, seed: str, hours: str) -> None:
    off = int(hours) * 3600 * ticks.PER_SECOND
    order = random.Random(seed)
    waiting = [report(number, stage) for number in range(int(jobs)) for stage in range(len(STAGES))] * 2
    order.shuffle(waiting)
    store = open_store(url, clock=lambda: now_ticks() + off)
    tenant = store.tenant_id("default", create=True)
    assert tenant is not None
    print("ready", flush=True)
    sys.stdin.readline()
    while waiting:
        size = order.randint(1, 12)
        store.record(tenant, waiting[:size])
        del waiting[:size]
        store.fail_stalled_jobs()
    store.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
