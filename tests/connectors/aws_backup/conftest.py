"""AWS Backup on loopback, credentials for it as the SDK finds them, and a connector that reads it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from aws_connector import wanted
from fakes.aws.aws_cloud import Cloud
from fakes.aws.aws_loopback import KEY, serving

from clocks import Clock
from jobreport.connectors.collect import PassResult, collect
from jobreport.model.job import Job
from jobreport.model.query import JobQuery
from jobreport.store import Store


@pytest.fixture
def cloud(clock: Clock, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Cloud]:
    """Whatever it answers is held against the model, in every test."""
    cloud = Cloud(now=clock)
    with serving(cloud) as url:
        for name, value in {
            "AWS_ENDPOINT_URL_BACKUP": url,
            "AWS_ACCESS_KEY_ID": KEY,
            "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": f"{tmp_path}/config",
            "AWS_SHARED_CREDENTIALS_FILE": f"{tmp_path}/credentials",
        }.items():
            monkeypatch.setenv(name, value)
        for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL"):
            monkeypatch.delenv(name, raising=False)
        yield cloud
    assert cloud.faults == []


@pytest.fixture
def look(store: Store, tenant: int, clock: Clock) -> Callable[..., PassResult]:
    """Looks once, a minute after the last time."""

    def look(*lists: str, **settings: Any) -> PassResult:
        clock.pass_by(60)
        return collect(store, tenant, wanted(*lists, **settings))

    return look


@pytest.fixture
def jobs(store: Store, tenant: int) -> Callable[[], dict[str, Job]]:
    """What is stored, by AWS's own IDs."""

    def jobs() -> dict[str, Job]:
        found: dict[str, Job] = {}
        for line in store.list_jobs(tenant, JobQuery(size=100)).lines:
            history = store.history(tenant, line.job_id)
            assert history is not None
            found[line.job_id.rpartition(":")[2]] = history.current.job
        return found

    return jobs
