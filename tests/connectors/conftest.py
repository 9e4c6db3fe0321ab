"""A store in a file, with a clock in the test's hand, and what is in it."""

import shutil
import uuid
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from collected_jobs import Jobs
from made_up import Origin

from clocks import Clock
from jobreport.model.job import Job
from jobreport.model.query import JobQuery
from jobreport.store import Store, open_store


@pytest.fixture
def store(new_file: Path, tmp_path: Path, clock: Clock) -> Iterator[Store]:
    with closing(open_store(f"sqlite:///{shutil.copy(new_file, tmp_path)}", clock=clock)) as opened:
        yield opened


@pytest.fixture
def tenant(store: Store) -> int:
    number = store.tenant_id(uuid.uuid4().hex, create=True)
    assert number is not None
    return number


@pytest.fixture
def origin(clock: Clock) -> Origin:
    return Origin(clock)


@pytest.fixture
def jobs(store: Store, tenant: int) -> Jobs:
    def jobs() -> list[Job]:
        found = []
        for line in store.list_jobs(tenant, JobQuery(size=100)).lines:
            history = store.history(tenant, line.job_id)
            assert history is not None
            found.append(history.current.job)
        return sorted(found, key=lambda job: job.start)

    return jobs
