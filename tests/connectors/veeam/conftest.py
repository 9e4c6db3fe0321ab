"""A backup server on loopback, and a connector that reads it as its user would set it up."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fakes.loopback import serving
from fakes.veeam.veeam_server import PASSWORD, USER, FakeVeeam

from clocks import Clock
from jobreport.connectors.collect import PassResult, collect
from jobreport.connectors.configured import Configured
from jobreport.connectors.kinds.veeam import KIND
from jobreport.connectors.kinds.veeam.settings import Settings
from jobreport.model.job import Job
from jobreport.model.query import JobQuery
from jobreport.store import Store


@pytest.fixture
def veeam(clock: Clock) -> FakeVeeam:
    return FakeVeeam(now=clock.now)


@pytest.fixture
def url(veeam: FakeVeeam) -> Iterator[str]:
    with serving(veeam) as address:
        yield address


@pytest.fixture
def password(tmp_path: Path) -> Path:
    file = tmp_path / "password"
    file.write_text(f"{PASSWORD}\n")
    return file


@pytest.fixture
def configure(url: str, password: Path) -> Callable[..., Configured]:
    def configure(**more: Any) -> Configured:
        told: dict[str, Any] = {"url": url, "user": USER, "password_file": str(password), "server": "vbr-1"} | more
        return Configured(name="vbr", kind=KIND, every=300, tenant="default", settings=Settings(**told))

    return configure


@pytest.fixture
def look(
    store: Store, tenant: int, veeam: FakeVeeam, clock: Clock, configure: Callable[..., Configured]
) -> Callable[[], PassResult]:
    """Reads the server once, a minute after the last time."""

    def look() -> PassResult:
        clock.pass_by(60)
        veeam.now = clock.now
        return collect(store, tenant, configure())

    return look


@pytest.fixture
def jobs(store: Store, tenant: int) -> Callable[[], dict[str, Job]]:
    """All jobs, by the first eight digits of what number their session has."""

    def jobs() -> dict[str, Job]:
        lines = store.list_jobs(tenant, JobQuery(size=10_000)).lines
        found = [store.history(tenant, line.job_id) for line in lines]
        return {one.current.job.job_id: one.current.job for one in found if one}

    return jobs
