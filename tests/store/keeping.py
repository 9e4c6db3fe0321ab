"""The databases, short jobs for a test to vary, and what a store holds."""

from typing import Any

import citus
from jobreport.model import ticks
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.model.job import Job
from jobreport.model.query import JobFilter, JobQuery
from jobreport.store import Store
from jobreport.store.admin.purge import delete_all_jobs
from strategies import NOW

DATABASES = ["sqlite", "postgresql", *(["citus"] if citus.GIVEN else [])]
"""What the contract of the store is held against; a cluster only where there is one."""

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


def kept(store: Store, tenant: int, job_id: str = "FB1") -> Job:
    """The job as it stands."""
    found = store.history(tenant, job_id)
    assert found is not None
    return found.current.job


def listed(store: Store, tenant: int, **where: Any) -> list[str]:
    """The IDs of all jobs that pass the filters, in the order of the report."""
    page = store.list_jobs(tenant, JobQuery(where=JobFilter(**where), size=10_000))
    assert page.total == len(page.lines)
    assert page.next is None
    return [line.job_id for line in page.lines]


def total(store: Store, tenant: int, **where: Any) -> int:
    """How many jobs pass the filters."""
    return store.list_jobs(tenant, JobQuery(where=JobFilter(**where))).total


def erase(store: Store, *tenants: int) -> None:
    """Deletes all jobs of these tenants: a law that looks at the whole store would look at those of each example."""
    for tenant in tenants:
        list(delete_all_jobs(store, tenant))
