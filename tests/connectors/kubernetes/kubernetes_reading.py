"""A connector that reads a cluster by a kubeconfig, as its user would set it up, and what a store has of it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from jobreport.connectors.collect import PassResult
from jobreport.connectors.configured import Configured
from jobreport.model.catalog import JobState
from jobreport.model.job import Job
from jobreport.model.query import JobQuery
from jobreport.store import Store

Configure = Callable[..., Configured]
VELERO_ID = "velero:backups:nightly-20261122020000:2026-11-22T02:00:02Z"
"""The ID of the job of the backup that each full cluster has."""


def kubeconfig(
    folder: Path, url: str, name: str = "prod", *, user: dict[str, Any] | None = None, **cluster: str
) -> str:
    """A kubeconfig with one context, in a new file."""
    file = folder / f"{name}.kubeconfig"
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": name,
        "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
        "clusters": [{"name": name, "cluster": {"server": url} | cluster}],
        "users": [{"name": name, "user": user or {}}],
    }
    file.write_text(yaml.safe_dump(config))
    return str(file)


def every_job(store: Store, tenant: int) -> list[Job]:
    """All jobs of a tenant, by ID."""
    ids = sorted(line.job_id for line in store.list_jobs(tenant, JobQuery(size=10_000)).lines)
    found = [store.history(tenant, job_id) for job_id in ids]
    return [one.current.job for one in found if one]


def errors(passed: PassResult) -> dict[str, str]:
    """Why streams could not be read, by their names."""
    return {one.stream: one.error for one in passed.streams if one.error}


def state_of(store: Store, tenant: int, job_id: str) -> tuple[JobState, str]:
    """The state and the comments of a job."""
    found = store.history(tenant, job_id)
    assert found is not None
    return found.current.job.state, found.current.job.comments
